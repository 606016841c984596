// Numbers, bars and words that change with a supposition, and go back to what the report says when it is taken back.

const FIRST = new WeakMap();

// Sets attributes and text of an element; null restores what the page came with.
function show(element, attributes, text) {
  if (!element) return;
  if (!FIRST.has(element)) FIRST.set(element, { text: element.textContent, attributes: {} });
  const first = FIRST.get(element);
  for (const [name, value] of Object.entries(attributes)) {
    if (!(name in first.attributes)) first.attributes[name] = element.getAttribute(name);
    const wanted = value === null ? first.attributes[name] : value;
    if (element.getAttribute(name) !== String(wanted)) element.setAttribute(name, wanted);
  }
  const words = text === null ? first.text : text;
  if (words !== undefined && element.textContent !== words) element.textContent = words;
}

function showFigure(element, value) {
  show(element, { value }, value === null ? null : decimal(value));
}

function showBar(bar, shares) {
  let at = 0;
  bar.querySelectorAll("rect").forEach((rect, k) => {
    const share = shares && shares[k];
    show(rect, shares ? { x: `${(100 * at).toFixed(5)}%`, width: `${(100 * share).toFixed(5)}%` } : { x: null, width: null });
    at += share || 0;
  });
  const names = shares && WORDS.grounds.map(([, words], k) => [words, apportioned(shares)[k]]).filter(([, part]) => part);
  const label = FIRST.get(bar)?.attributes["aria-label"] ?? bar.getAttribute("aria-label");
  const what = label.slice(0, label.indexOf(":"));
  show(bar, { "aria-label": names ? `${what}: ${names.map(([words, part]) => `${words} ${part}%`).join(", ")}` : null });
}

function showKey(key, shares) {
  const parts = shares && apportioned(shares);
  [...key.children].forEach((item, k) => {
    const share = item.querySelector("b");
    show(share, {}, parts ? `${parts[k]}%` : null);
    item.hidden = share.textContent === "0%";
  });
}
