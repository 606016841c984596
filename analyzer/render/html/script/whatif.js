// "Suppose sentence 12 were sourced": one set of suppositions a document, and every score on the page follows it.

// Solving for each paragraph costs about paragraphs x links steps; beyond this it waits until the page is idle.
const AT_ONCE = 4e6;

class Supposition {
  constructor(page) {
    this.page = page;
    this.sentences = new Set();
    this.waiting = 0;
    page.root.addEventListener("change", (event) => {
      const box = event.target;
      if (box.matches('input[type="checkbox"][data-i]')) this.set(Number(box.dataset.i), box.checked);
    });
  }

  canSuppose(index) {
    const { sourcing, unsure } = this.page.data.sentences[index];
    const isSourced = sourcing === "named" && !unsure.includes("sourcing");
    return this.page.data.conclusions.length > 0 && this.page.nodeOf.has(index) && !isSourced;
  }

  set(index, on) {
    if (on) this.sentences.add(index);
    else this.sentences.delete(index);
    this.refresh();
  }

  clear() {
    this.sentences.clear();
    this.refresh();
    const { root } = this.page;
    const next = root.querySelector(".grounding:not([hidden]) .fixes input") ?? root.querySelector('.n[tabindex="0"]');
    next?.focus({ preventScroll: true });
  }

  nodes() {
    return new Set([...this.sentences].map((index) => this.page.nodeOf.get(index)));
  }

  // Shows the scores that hold under the supposition; without one, those of the report. `onPaper`, every conclusion
  // stands open.
  refresh(onPaper = false) {
    const { page } = this;
    const supposing = this.sentences.size > 0;
    const grounds = supposing ? page.solver.grounds(this.nodes()) : null;
    this.scores = grounds && grounds.map((row) => page.solver.dependenceOf(row));
    page.root.classList.toggle("supposing", supposing);
    for (const box of page.root.querySelectorAll('input[type="checkbox"][data-i]')) box.checked = this.sentences.has(Number(box.dataset.i));
    page.article.suppose(this.sentences);
    for (const node of page.root.querySelectorAll(".node")) node.classList.toggle("supposed", this.sentences.has(Number(node.dataset.i)));
    this._document(grounds);
    for (const conclusion of page.data.conclusions) this._conclusion(conclusion, grounds, onPaper);
    this._paragraphs();
    this._status();
    page.card.refresh();
  }

  _document(grounds) {
    const { page } = this;
    if (page.data.dependence === null) return;
    const score = grounds && page.solver.mean(this.scores);
    const rests = grounds && WORDS.grounds.map((_, k) => page.solver.mean(grounds.map((row) => row[k])));
    const lead = page.root.querySelector(".lead");
    showFigure(lead.querySelector(".verdict .dependence"), score);
    show(lead.querySelector(".verdict .meaning"), {}, grounds ? meaningOf(score, true) : null);
    const was = grounds && `${decimal(page.data.dependence)} without the supposition`;
    show(lead.querySelector(".interval"), {}, was);
    const label = grounds && `Dependence ${decimal(score)} on a scale from 0, all sourced, to 1, nothing sourced; ${was}`;
    show(lead.querySelector(".gauge"), { "aria-label": label });
    show(lead.querySelector(".gauge .point"), { cx: grounds ? `${100 * score}%` : null });
    showBar(lead.querySelector(".rests .bar"), rests);
    showKey(lead.querySelector(".rests .key"), rests);
    const parts = rests && apportioned(rests);
    show(lead.querySelector(".opinion"), {}, parts ? `${parts[1] + parts[5] + parts[6]}%` : null);
    this.score = score;
  }

  _conclusion(conclusion, grounds, onPaper) {
    const item = this.page.conclusions?.items.get(conclusion.sentence);
    if (!item) return;
    const node = this.page.nodeOf.get(conclusion.sentence);
    const score = grounds && this.scores[node];
    const figure = item.querySelector(".figure");
    showFigure(figure.querySelector(".dependence"), score);
    figure.querySelector(".was")?.remove();
    if (grounds && Math.abs(score - conclusion.dependence) > 5e-5) figure.append(html("span", { class: "was" }, `was ${decimal(conclusion.dependence)}`));
    showBar(item.querySelector(".bar"), grounds && grounds[node]);
    // What further fixes would do takes a solution each: what is closed waits until it is opened.
    const isOpen = onPaper || this.page.conclusions.open === conclusion.sentence;
    if (grounds ? !isOpen : !FIRST.has(item.querySelector(".meaning"))) return;
    showKey(item.querySelector(".key"), grounds && grounds[node]);
    show(item.querySelector(".meaning"), {}, grounds ? meaningOf(score, false) : null);
    show(item.querySelector(".grounding .interval"), {}, grounds ? "" : null);
    this._fixes(item, node, score);
  }

  // What each further fix would do on top of those that are supposed already.
  _fixes(item, node, score) {
    const supposed = this.nodes();
    for (const row of item.querySelectorAll(".fixes li")) {
      const index = Number(row.querySelector("input").dataset.i);
      const figure = row.querySelector(".if-sourced");
      if (score === null) showFigure(figure, null);
      else showFigure(figure, this.page.solver.dependence(new Set([...supposed, this.page.nodeOf.get(index)]))[node]);
    }
  }

  _paragraphs() {
    const { page } = this;
    const turn = this.waiting += 1;
    const rows = [...page.paragraphs.values()];
    const supposing = this.scores !== null;
    for (const row of rows) {
      if (!row.dependence) continue;
      const scores = supposing ? row.nodes.map((node) => this.scores[node]) : [];
      showFigure(row.dependence, supposing ? scores.reduce((sum, score) => sum + score, 0) / scores.length : null);
    }
    const work = rows.filter((row) => row.premises.length);
    if (!supposing || page.data.dependence === null) {
      work.forEach((row) => this._contribution(row, null));
      page.miniature.weigh(null);
    } else if (work.length * (page.solver.links.length + page.solver.size) <= AT_ONCE) this._contributions(work, 0, work.length, turn);
    else this._contributions(work, 0, 50, turn);
  }

  _contributions(work, from, count, turn) {
    if (turn !== this.waiting) return;
    const supposed = this.nodes();
    for (const row of work.slice(from, from + count)) {
      const fallen = this.page.solver.mean(this.page.solver.dependence(new Set([...supposed, ...row.premises])));
      this._contribution(row, Math.max(0, this.score - fallen));
    }
    if (from + count < work.length) setTimeout(() => this._contributions(work, from + count, count, turn));
    else this.page.miniature.weigh(new Map(work.map((row) => [row.index, row.value])));
  }

  _contribution(row, value) {
    row.value = value;
    showFigure(row.contribution, value);
    show(row.bar, { width: value === null ? null : `${(100 * value).toFixed(5)}%` });
  }

  _status() {
    const place = this.page.root.querySelector(".supposition");
    if (!this.sentences.size) {
      place.replaceChildren();
      return;
    }
    const names = [...this.sentences].sort((a, b) => a - b).map(number);
    const shown = names.length > 6 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more` : listed(names);
    const score = html("b", {}, `${decimal(this.page.data.dependence)} \u2192 ${decimal(this.score)}`);
    const undo = html("button", { type: "button" }, "Undo");
    undo.addEventListener("click", () => this.clear());
    place.replaceChildren(html("span", {}, `If ${shown} named ${names.length > 1 ? "their sources" : "its source"}: `, score), undo);
  }
}
