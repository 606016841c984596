// What the form gains with a script: a file dropped or pasted anywhere, complaints before anything is sent, and a sign
// that the analysis is under way. Without it the form works as it is.
"use strict";

const form = document.getElementById("form");
const text = document.getElementById("text");
const file = document.getElementById("file");
const drop = document.getElementById("drop");
const remove = document.getElementById("remove");
const complaint = document.getElementById("complaint");
const go = document.getElementById("go");
const busy = document.getElementById("busy");
const elapsed = document.getElementById("elapsed");
let clock;

document.querySelector(".scripted").hidden = false;

function complain(message) {
  complaint.textContent = message;
  complaint.hidden = !message;
}

function showFile() {
  const chosen = file.files.length > 0;
  drop.classList.toggle("filled", chosen);
  remove.hidden = !chosen;
  complain(chosen && file.files[0].size > Number(form.dataset.maxBytes) ? tooLarge() : "");
}

function tooLarge() {
  return `${file.files[0].name} is larger than ${form.dataset.maxSize}. Split it, or start the server with a larger --max-bytes.`;
}

function take(files) {
  if (files.length > 1) {
    complain("One document at a time: drop a single file.");
    return;
  }
  file.files = files;
  showFile();
  file.focus();
}

function reasonNotToSend() {
  const chosen = file.files.length > 0;
  const written = text.value.trim() !== "";
  if (chosen && written) return "There is a text and a file. Clear the text, or take the file out again.";
  if (!chosen && !written) return "Paste a text or choose a file first.";
  return chosen && file.files[0].size > Number(form.dataset.maxBytes) ? tooLarge() : "";
}

function showBusy(is) {
  clearInterval(clock);
  go.disabled = is;
  busy.hidden = !is;
  form.setAttribute("aria-busy", String(is));
  if (!is) return;
  const start = Date.now();
  elapsed.textContent = "Analysing …";
  clock = setInterval(() => {
    elapsed.textContent = `Analysing … ${Math.round((Date.now() - start) / 1000)} s`;
  }, 5000);
}

file.addEventListener("change", showFile);
remove.addEventListener("click", () => {
  file.value = "";
  showFile();
  file.focus();
});
// A field that the browser complains of must be seen.
form.addEventListener("invalid", (event) => {
  const around = event.target.closest("details");
  if (around) around.open = true;
}, true);
form.addEventListener("submit", (event) => {
  const reason = reasonNotToSend();
  complain(reason);
  if (reason) event.preventDefault();
  else showBusy(true);
});
// Leaving the page makes the server stop, too.
document.getElementById("stop").addEventListener("click", () => {
  window.stop();
  showBusy(false);
  go.focus();
});
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
// Coming back from a report finds the form as it was, and not waiting any more.
window.addEventListener("pageshow", () => {
  showBusy(false);
  showFile();
});

const hasFiles = (event) => event.dataTransfer !== null && event.dataTransfer.types.includes("Files");
document.addEventListener("dragover", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  drop.classList.add("over");
});
document.addEventListener("dragleave", (event) => {
  if (event.relatedTarget === null) drop.classList.remove("over");
});
document.addEventListener("drop", (event) => {
  drop.classList.remove("over");
  if (!hasFiles(event)) return;
  event.preventDefault();
  take(event.dataTransfer.files);
});
document.addEventListener("paste", (event) => {
  const pasted = event.clipboardData;
  // Word processors put a picture of a copied text beside the text.
  if (pasted === null || pasted.files.length === 0 || pasted.types.includes("text/plain")) return;
  event.preventDefault();
  take(pasted.files);
});
