// The side panel: one conclusion open at a time, its premises lit in the text, its support graph drawn when needed.

const FIRST_FIXES = 8;

class Conclusions {
  constructor(page) {
    this.page = page;
    this.open = null;
    this.items = new Map();
    for (const item of page.root.querySelectorAll(".conclusion")) {
      const index = Number(item.dataset.i);
      this.items.set(index, item);
      item.querySelector(".toggle").addEventListener("click", () => this.choose(this.open === index ? null : index));
      this._shorten(item);
    }
  }

  choose(index) {
    if (this.open !== null) this._expand(this.open, false);
    this.open = index;
    const conclusion = index === null ? null : this.page.conclusion(index);
    if (conclusion) {
      this._expand(index, true);
      this.draw(index);
    }
    const premises = conclusion ? conclusion.premises.map(([sentence]) => sentence) : [];
    this.page.article.light(index, premises);
    this.page.miniature.light(index === null ? [] : [index, ...premises]);
    this.page.supposition.refresh();
  }

  // Closes the one that is open and goes back to its button.
  leave() {
    if (this.open === null) return;
    const button = this.items.get(this.open).querySelector(".toggle");
    this.choose(null);
    button.focus();
  }

  draw(index) {
    const canvas = this.items.get(index).querySelector(".canvas");
    if (!canvas || canvas.firstChild) return;
    const left = drawGraph(this.page, this.page.conclusion(index), canvas);
    if (left) this.items.get(index).querySelector(".more").textContent = `and ${countOf(left, "less likely one")}, not drawn`;
    canvas.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") this._pick(event);
    });
    canvas.addEventListener("click", (event) => this._pick(event));
    canvas.addEventListener("pointerover", (event) => {
      const node = event.target.closest(".node");
      if (node && event.pointerType === "mouse" && !Card.isPinned) this.page.card.show(Number(node.dataset.i), false);
    });
  }

  drawAll() {
    let drawn = 0;
    for (const index of this.items.keys()) {
      if (drawn >= 30) return;
      this.draw(index);
      drawn += 1;
    }
  }

  _pick(event) {
    const node = event.target.closest(".node");
    if (!node) return;
    event.preventDefault();
    const index = Number(node.dataset.i);
    this.page.card.show(index, true, node);
    this.page.article.element(index)?.scrollIntoView({ block: "center" });
  }

  _expand(index, on) {
    const item = this.items.get(index);
    item.classList.toggle("is-open", on);
    item.querySelector(".toggle").setAttribute("aria-expanded", String(on));
    item.querySelector(".grounding").hidden = !on;
  }

  // Of a long list of fixes, the most telling stand open.
  _shorten(item) {
    const fixes = item.querySelector(".fixes");
    const rows = fixes ? [...fixes.querySelectorAll("li")] : [];
    if (rows.length <= FIRST_FIXES + 1) return;
    rows.slice(FIRST_FIXES).forEach((row) => row.classList.add("beyond"));
    const button = html("button", { type: "button", class: "all-of-them" }, `Show all ${rows.length}`);
    button.addEventListener("click", () => {
      fixes.classList.add("all");
      rows[FIRST_FIXES].querySelector("input").focus();
      button.remove();
    });
    fixes.append(button);
  }
}
