// The miniature along the edge: which part of the document is in view, where premises stand, where the weight lies.

class Miniature {
  constructor(page) {
    this.root = page.root.querySelector(".miniature");
    this.page = page;
    this.strips = [...this.root.querySelectorAll("a")];
    this.byBlock = new Map(this.strips.map((strip) => [Number(strip.dataset.block), strip]));
    this.visible = new Set();
    roving(this.root, () => this.strips, inOrder);
    const seen = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (entry.isIntersecting) this.visible.add(Number(entry.target.dataset.p));
        else this.visible.delete(Number(entry.target.dataset.p));
      }
      this._window();
    });
    for (const block of page.root.querySelectorAll(".text [data-p]")) seen.observe(block);
  }

  light(sentences) {
    for (const strip of this.root.querySelectorAll(".of-lit")) strip.classList.remove("of-lit");
    for (const index of sentences) this.byBlock.get(this.page.data.sentences[index].paragraph)?.classList.add("of-lit");
  }

  // Weights by paragraph, on the scale of the report's own heaviest; null restores the report's.
  weigh(weights) {
    const heaviest = Math.max(...this.page.data.paragraphs.map(([, contribution]) => contribution ?? 0)) || 1;
    for (const [block, strip] of this.byBlock) {
      const weight = weights?.get(block);
      if (weights && weight === undefined) continue;
      show(strip, { "aria-label": weights ? `paragraph ${block}, contributes ${decimal(weight)}` : null });
      show(strip.querySelector(".weight"), { width: weights ? Math.min(100, 100 * weight / heaviest) : null });
    }
  }

  _window() {
    const spans = [...this.visible].map((block) => this.byBlock.get(block)?.querySelector(".hit")).filter(Boolean)
      .map((hit) => [Number(hit.getAttribute("y")), Number(hit.getAttribute("y")) + Number(hit.getAttribute("height"))]);
    const [top, bottom] = spans.length ? [Math.min(...spans.map(([y]) => y)), Math.max(...spans.map(([, y]) => y))] : [0, 0];
    const view = this.root.querySelector(".window");
    view.setAttribute("y", top);
    view.setAttribute("height", bottom - top);
  }
}
