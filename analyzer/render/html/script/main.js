// Brings a document of the page to life: its parts, and the events that concern more than one of them.

class Page {
  // The one clicked in last.
  static used = null;

  constructor(root) {
    this.root = root;
    this.level = Number(root.querySelector(".title").tagName[1]);
    this.data = JSON.parse(root.querySelector("script.data").textContent);
    this.sentences = this.data.graph.sentence;
    this.nodeOf = new Map(this.sentences.map((sentence, node) => [sentence, node]));
    this.byConclusion = new Map(this.data.conclusions.map((conclusion) => [conclusion.sentence, conclusion]));
    this.solver = new Solver(this.data.graph);
    this.paragraphs = this._paragraphs();
    this.article = new Article(root, this.data);
    this.miniature = new Miniature(this);
    this.supposition = new Supposition(this);
    this.card = new Card(this, this.supposition);
    this.conclusions = new Conclusions(this);
    this.supposition.scores = null;
    this._listen();
  }

  conclusion(index) {
    return this.byConclusion.get(index);
  }

  // The dependence of a sentence under what is supposed; null for background.
  scoreOf(index) {
    const { dependence } = this.data.sentences[index];
    return dependence === null ? null : this.supposition.scores?.[this.nodeOf.get(index)] ?? dependence;
  }

  supportersOf(index) {
    return this._linked(index, 1, 0);
  }

  supportedBy(index) {
    return this._linked(index, 0, 1);
  }

  _linked(index, here, there) {
    const node = this.nodeOf.get(index);
    return this.solver.links.filter((link) => link[here] === node)
      .map((link) => [this.sentences[link[there]], link[2]]).sort((a, b) => b[1] - a[1]);
  }

  _paragraphs() {
    const rows = new Map();
    for (const element of this.root.querySelectorAll(".paragraphs tbody tr")) {
      rows.set(Number(element.dataset.p), {
        index: Number(element.dataset.p), nodes: [], premises: [],
        dependence: element.querySelector(".dependence"), contribution: element.querySelector("data.contribution"),
        bar: element.querySelector("td.contribution .bar rect"),
      });
    }
    this.sentences.forEach((sentence, node) => {
      const row = rows.get(this.data.sentences[sentence].paragraph);
      if (this.data.sentences[sentence].dependence === null) return;
      row.nodes.push(node);
      if (this.data.graph.weight[node] === null) row.premises.push(node);
    });
    return rows;
  }

  _listen() {
    const text = this.root.querySelector(".text");
    let pointing = 0;
    text.addEventListener("pointerover", (event) => {
      if (event.pointerType !== "mouse" || Card.isPinned) return;
      clearTimeout(pointing);
      const index = this.article.of(event);
      pointing = setTimeout(() => {
        if (Card.isPinned) return;
        if (index === null) this.card.close();
        else this.card.show(index, false);
      }, 90);
    });
    text.addEventListener("pointerleave", () => {
      clearTimeout(pointing);
      if (!this.card.pinned) pointing = setTimeout(() => this.card.pinned || this.card.element.matches(":hover") || this.card.close(), 400);
    });
    text.addEventListener("click", (event) => this._choose(event));
    this.root.addEventListener("click", (event) => {
      Page.used = this;
      this._follow(event);
    });
    window.addEventListener("beforeprint", () => {
      this.conclusions.drawAll();
      this.supposition.refresh(true);
    });
  }

  _choose(event) {
    const index = this.article.of(event);
    if (index === null || String(window.getSelection())) return;
    if (this.card.pinned && this.card.open === index) {
      this.card.close();
      return;
    }
    this.card.show(index, true);
    // On a small screen the card lies on the lower part of the text.
    this.article.element(index).scrollIntoView({ block: "nearest" });
    // A click by keyboard has no place on the screen: the reader goes on inside the card.
    if (event.detail === 0) this.card.element.focus();
  }

  _follow(event) {
    const link = event.target.closest("[data-to], [data-block]");
    if (!link) return;
    event.preventDefault();
    if (link.dataset.to !== undefined) {
      this.article.go(Number(link.dataset.to));
      if (this.card.pinned) this.card.show(Number(link.dataset.to), true);
      return;
    }
    const block = this.root.querySelector(`.text [data-p="${CSS.escape(link.dataset.block)}"]`);
    block?.scrollIntoView({ block: "center" });
    block?.querySelector(".n")?.focus({ preventScroll: true });
  }
}

const pages = [...document.querySelectorAll(".document")].map((root) => new Page(root));

// Escape closes one thing: the card that is shown, else the conclusion of the document that the reader is in.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || Card.shown?.close()) return;
  const page = pages.find(({ root }) => root.contains(document.activeElement)) ?? Page.used;
  page?.conclusions.leave();
});
