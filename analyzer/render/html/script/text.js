// The article: its sentences by number, pointing at them, going to one, and lighting up those under a conclusion.

class Article {
  constructor(root, data) {
    this.root = root;
    this.data = data;
    this.elements = new Map();
    for (const element of root.querySelectorAll(".text .s")) this.elements.set(Number(element.dataset.i), element);
    this.markers = [...root.querySelectorAll(".text .n")];
    const text = root.querySelector(".text");
    roving(text, () => this.markers, inOrder);
  }

  element(index) {
    return this.elements.get(index);
  }

  marker(index) {
    return this.element(index)?.querySelector(".n");
  }

  words(index) {
    const cells = [...(this.element(index)?.querySelectorAll(".t") ?? [])];
    // The marker is the first thing in the first cell, and no part of the sentence.
    const marks = this.marker(index)?.textContent.length ?? 0;
    return cells.map((cell, k) => cell.textContent.slice(k ? 0 : marks)).join(" \u00b7 ");
  }

  excerpt(index, most = 90) {
    const words = this.words(index);
    if (words.length <= most) return words;
    return `${words.slice(0, Math.max(words.lastIndexOf(" ", most), 1))}\u2026`;
  }

  // Scrolls to a sentence and puts the keyboard there.
  go(index) {
    const element = this.element(index);
    if (!element) return;
    element.scrollIntoView({ block: "center" });
    this.marker(index).focus({ preventScroll: true });
  }

  light(conclusion, premises) {
    for (const element of this.root.querySelectorAll(".s.lit, .s.chosen")) {
      element.classList.remove("lit", "chosen", "lit-named", "lit-own", "lit-vague", "lit-none");
    }
    this.root.classList.toggle("choosing", conclusion !== null);
    if (conclusion === null) return;
    this.element(conclusion)?.classList.add("chosen");
    for (const index of premises) this.element(index)?.classList.add("lit", `lit-${this.data.sentences[index].sourcing}`);
  }

  suppose(sentences) {
    for (const element of this.root.querySelectorAll(".s.supposed")) element.classList.remove("supposed");
    for (const index of sentences) this.element(index)?.classList.add("supposed");
  }

  // Calls back with the sentence that an event is about, if it is about one.
  of(event) {
    const element = event.target.closest?.(".text .s");
    return element ? Number(element.dataset.i) : null;
  }
}
