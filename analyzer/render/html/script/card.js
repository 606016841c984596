// The details of one sentence: labels, probabilities, spans, and why. Pointing previews it, choosing keeps it open.

const SPAN_WORDS = { loaded: "loaded", quoted_loaded: "loaded, in a quotation", source: "source", cue: "cue" };

class Card {
  static shown = null;

  // Of all documents of the page, one card at most is kept open.
  static get isPinned() {
    return Card.shown?.pinned ?? false;
  }

  constructor(document_, supposition) {
    this.article = document_.article;
    this.data = document_.data;
    this.page = document_;
    this.supposition = supposition;
    this.element = document_.root.querySelector(".card");
    this.open = null;
    this.pinned = false;
  }

  // `opener` is what the keyboard goes back to; without it, the sentence's marker.
  show(index, pinned, opener = null) {
    if (Card.shown !== this) Card.shown?.close();
    Card.shown = this;
    this.opener = opener;
    if (this.open !== index) {
      this._mark(false);
      this.open = index;
      this._mark(true);
      this.element.replaceChildren(...this._content(index).filter((part) => part !== null));
      this.element.scrollTop = 0;
    }
    this.pinned = this.pinned || pinned;
    this.element.hidden = false;
    this.article.marker(index)?.setAttribute("aria-expanded", "true");
  }

  close() {
    if (this.open === null) return false;
    const hadFocus = this.element.contains(document.activeElement);
    this._mark(false);
    const index = this.open;
    this.open = null;
    this.pinned = false;
    this.element.hidden = true;
    if (hadFocus) (this.opener ?? this.article.marker(index))?.focus({ preventScroll: true });
    return true;
  }

  _mark(on) {
    if (this.open === null) return;
    this.article.element(this.open)?.classList.toggle("open", on);
    this.article.marker(this.open)?.setAttribute("aria-expanded", String(on));
    for (const node of this.page.root.querySelectorAll(`.node[data-i="${this.open}"]`)) node.classList.toggle("open", on);
  }

  _content(index) {
    const sentence = this.data.sentences[index];
    const close = html("button", { type: "button", class: "close", "aria-label": "Close" }, "\u00d7");
    close.addEventListener("click", () => this.close());
    return [
      html(`h${this.page.level + 1}`, { class: "which" }, this._title(index, sentence)),
      close,
      html("p", { class: "text-of" }, this.article.words(index)),
      html("dl", {}, ...this._why(index, sentence), ...this._heads(sentence), ...this._spans(sentence)),
      this._suppose(index),
    ];
  }

  _title(index, sentence) {
    const own = Object.entries(sentence.labels).flatMap(([, labels]) => labels);
    const words = sentence.type === null
      ? own.map((label) => named(label)).join(", ")
      : `${named(sentence.type, WORDS.type)}${this._asked(sentence, "type")}`;
    return words ? `${number(index)} \u00b7 ${words}` : number(index);
  }

  _asked(sentence, head) {
    return sentence.unsure.includes(head) ? "?" : "";
  }

  _heads(sentence) {
    const shown = (head) => (head === "content" ? sentence.content !== sentence.type : true);
    return Object.entries(sentence.probabilities).filter(([head]) => shown(head)).flatMap(([head, value]) => {
      const chances = typeof value === "number" ? { [head]: value } : value;
      const own = Object.hasOwn(sentence.labels, head) ? [sentence.labels[head]].flat() : null;
      const said = own ?? [sentence[head] === true ? head : sentence[head]];
      const rows = Object.entries(chances).sort((a, b) => b[1] - a[1]).map(([label, chance]) => html(
        "div", { class: `chance${said.includes(label) ? " shown" : ""}` },
        html("span", {}, named(label, head === "loaded" ? { loaded: "loaded framing" } : WORDS[head] ?? {})),
        svg("svg", { width: "100%", height: 7, "aria-hidden": "true" }, svg("rect", { width: `${100 * chance}%`, height: 7 })),
        html("span", {}, percent(chance)),
      ));
      const title = head === "content" ? "what is said" : named(head);
      const doubt = sentence.unsure.includes(head) ? [html("div", { class: "doubt" }, `less than ${percent(WORDS.sure)} sure`)] : [];
      return [html("dt", {}, title), html("dd", {}, ...rows, ...doubt)];
    });
  }

  _spans(sentence) {
    if (!sentence.spans) return [];
    const kinds = [...new Set(sentence.spans.map(([kind]) => kind))];
    return kinds.flatMap((kind) => {
      const words = sentence.spans.filter(([other]) => other === kind).map(([, text]) => html("li", {}, html("span", { class: Object.hasOwn(SPAN_WORDS, kind) ? kind : "own-mark" }, text)));
      return [html("dt", {}, named(kind, SPAN_WORDS)), html("dd", {}, html("ul", {}, ...words))];
    });
  }

  _why(index, sentence) {
    const rows = (sentence.notes ?? []).flatMap((note) => [html("dt", {}, "why"), html("dd", {}, note)]);
    const parts = [["supports", this.page.supportedBy(index)], ["because", this.page.supportersOf(index)]];
    for (const [title, links] of parts) {
      if (!links.length) continue;
      const items = links.slice(0, 4).map(([other, chance]) => html(
        "li", {}, html("a", { href: `#${this.page.root.id}-s${other}`, "data-to": other }, number(other)),
        ` ${this.article.excerpt(other, 64)} `, html("span", { class: "doubt" }, chance < WORDS.likely_link ? `perhaps, ${percentBelow(chance, WORDS.likely_link)}` : percent(chance)),
      ));
      if (links.length > 4) items.push(html("li", { class: "doubt" }, `and ${links.length - 4} more`));
      rows.push(html("dt", {}, title), html("dd", {}, html("ul", {}, ...items)));
    }
    if (this.page.scoreOf(index) !== null) rows.push(html("dt", {}, "dependence"), html("dd", { class: "score-of" }, ...this._score(index)));
    return rows;
  }

  _score(index) {
    const score = this.page.scoreOf(index);
    return [html("b", {}, decimal(score)), `: ${meaningOf(score, false).toLowerCase().replace(/\.$/, "")}`];
  }

  // The score follows what is supposed while the card is open.
  refresh() {
    if (this.open !== null) this.element.querySelector(".score-of")?.replaceChildren(...this._score(this.open));
  }

  _suppose(index) {
    if (!this.supposition.canSuppose(index)) return null;
    const box = html("input", { type: "checkbox", "data-i": index });
    box.checked = this.supposition.sentences.has(index);
    return html("label", { class: "suppose" }, box, html("span", {}, "Suppose that it named its source"));
  }
}
