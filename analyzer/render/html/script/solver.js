// Where conclusions come to rest: R = B + A.R, solved exactly as analyzer/dependence.py does, so that a what-if in the
// page and in Python are the same number. Strongly connected components in order; only real cycles need elimination.

const N_GROUNDS = 8;
// Below this chance of getting out, a cycle counts as closed.
const CLOSED = 1e-12;

class Solver {
  // graph: rows of probabilities by node (sourcing: named, vague, own, none; content and type: fact, inference,
  // speculation), links [supporter, supported, probability], weight (of a conclusion, else null), vague_credit.
  constructor(graph) {
    this.size = graph.sourcing.length;
    this.links = graph.links;
    this.weight = graph.weight;
    this.vagueCredit = graph.vague_credit;
    this.edgesOf = Array.from({ length: this.size }, () => []);
    graph.links.forEach(([, supported], edge) => this.edgesOf[supported].push(edge));
    this.components = componentsOf(this.edgesOf, graph.links);
    this._prepare(graph);
  }

  // The grounds of every node, 8 numbers each, when the nodes in the set `sourced` name their sources.
  grounds(sourced) {
    const found = this._solve(sourced, N_GROUNDS - 1, this.stops, this.sourcedStops);
    return Array.from({ length: this.size }, (_, node) => {
      const row = Array.from(found.subarray(node * 7, node * 7 + 7));
      row.push(clipped(1 - row.reduce((sum, share) => sum + share, 0)));
      return row;
    });
  }

  // The dependence of every node in that case.
  dependence(sourced) {
    return Array.from(this._solve(sourced, 1, this.credits, this.sourcedCredits), (credit) => clipped(1 - credit));
  }

  dependenceOf(grounds) {
    return clipped(1 - grounds[0] - grounds[1] - grounds[2] - this.vagueCredit * grounds[3]);
  }

  // The mean over conclusions of numbers by node; null without conclusions.
  mean(values) {
    let sum = 0, total = 0;
    this.weight.forEach((weight, node) => {
      if (weight !== null) {
        sum += weight * values[node];
        total += weight;
      }
    });
    return total ? sum / total : null;
  }

  _prepare(graph) {
    const n = this.size;
    this.stops = new Float64Array(n * 7);
    this.sourcedStops = new Float64Array(n * 7);
    this.credits = new Float64Array(n);
    this.sourcedCredits = new Float64Array(n).fill(1);
    this.moves = new Float64Array(graph.links.length);
    for (let node = 0; node < n; node += 1) {
      const [named, vague, own, none] = graph.sourcing[node];
      const content = graph.content[node];
      let noneHolds = 1, total = 0;
      for (const edge of this.edgesOf[node]) {
        noneHolds *= 1 - graph.links[edge][2];
        total += graph.links[edge][2];
      }
      const bare = (1 - (named + own)) * noneHolds;
      const vagueShare = vague + none > 0 ? vague / (vague + none) : 0;
      this.stops.set([
        named * content[0], named * (content[1] + content[2]), own, bare * vagueShare,
        ...graph.type[node].map((share) => bare * (1 - vagueShare) * share),
      ], node * 7);
      this.sourcedStops.set([content[0], content[1] + content[2]], node * 7);
      this.credits[node] = named * content[0] + named * (content[1] + content[2]) + own + this.vagueCredit * bare * vagueShare;
      for (const edge of this.edgesOf[node]) {
        this.moves[edge] = total > 0 ? (1 - (named + own)) * (1 - noneHolds) * graph.links[edge][2] / total : 0;
      }
    }
  }

  // The least non-negative R, `width` numbers a node.
  _solve(sourced, width, stops, sourcedStops) {
    const result = Float64Array.from(stops);
    for (const node of sourced) {
      for (let k = 0; k < width; k += 1) result[node * width + k] = sourcedStops[node * width + k];
    }
    for (const component of this.components) {
      const members = component.length > 1 ? new Set(component) : null;
      const inner = [];
      for (const node of component) {
        if (sourced.has(node)) continue;
        for (const edge of this.edgesOf[node]) {
          const supporter = this.links[edge][0];
          if (supporter === node || (members && members.has(supporter))) inner.push(edge);
          else for (let k = 0; k < width; k += 1) result[node * width + k] += this.moves[edge] * result[supporter * width + k];
        }
      }
      if (inner.length) this._solveCycle(component, inner, width, result);
    }
    return result;
  }

  // Solves one component in place; `result` holds what flows into it from outside.
  _solveCycle(component, inner, width, result) {
    const m = component.length;
    const place = new Map(component.map((node, row) => [node, row]));
    const rows = component.map((node) => {
      const row = new Float64Array(m + width);
      row.set(result.subarray(node * width, node * width + width), m);
      return row;
    });
    const reaches = rows.map((row) => row.subarray(m).reduce((sum, share) => sum + share, 0) > CLOSED);
    const steps = inner.map((edge) => [place.get(this.links[edge][1]), place.get(this.links[edge][0]), this.moves[edge]]);
    for (let wider = true; wider;) {
      wider = false;
      for (const [row, column, move] of steps) {
        if (!reaches[row] && reaches[column] && move > 0) reaches[row] = wider = true;
      }
    }
    rows.forEach((row, k) => {
      if (!reaches[k]) row.fill(0);
      row[k] += 1;
    });
    for (const [row, column, move] of steps) if (reaches[row]) rows[row][column] -= move;
    eliminate(rows, m, width);
    component.forEach((node, k) => {
      for (let column = 0; column < width; column += 1) result[node * width + column] = clipped(rows[k][m + column]);
    });
  }
}

// Gauss-Jordan with partial pivoting on rows [matrix | right-hand sides]; leaves the solutions in the right part.
function eliminate(rows, m, width) {
  for (let column = 0; column < m; column += 1) {
    let best = column;
    for (let row = column + 1; row < m; row += 1) {
      if (Math.abs(rows[row][column]) > Math.abs(rows[best][column])) best = row;
    }
    [rows[column], rows[best]] = [rows[best], rows[column]];
    const pivot = rows[column];
    for (let k = column + 1; k < m + width; k += 1) pivot[k] /= pivot[column];
    pivot[column] = 1;
    for (let row = 0; row < m; row += 1) {
      const factor = rows[row][column];
      if (row === column || factor === 0) continue;
      for (let k = column; k < m + width; k += 1) rows[row][k] -= factor * pivot[k];
    }
  }
}

// Strongly connected components, supporters before what they support (Tarjan 1972, without recursion).
function componentsOf(edgesOf, links) {
  const n = edgesOf.length;
  const order = new Int32Array(n).fill(-1), low = new Int32Array(n), onStack = new Uint8Array(n);
  const stack = [], components = [];
  let counter = 0;
  for (let root = 0; root < n; root += 1) {
    if (order[root] >= 0) continue;
    const work = [[root, 0]];
    while (work.length) {
      const top = work[work.length - 1];
      const [node] = top;
      if (top[1] === 0 && order[node] < 0) {
        order[node] = low[node] = counter;
        counter += 1;
        stack.push(node);
        onStack[node] = 1;
      }
      if (top[1] < edgesOf[node].length) {
        const other = links[edgesOf[node][top[1]]][0];
        top[1] += 1;
        if (order[other] < 0) work.push([other, 0]);
        else if (onStack[other]) low[node] = Math.min(low[node], order[other]);
        continue;
      }
      work.pop();
      if (low[node] === order[node]) {
        const component = [];
        do {
          component.push(stack.pop());
          onStack[component[component.length - 1]] = 0;
        } while (component[component.length - 1] !== node);
        components.push(component);
      }
      if (work.length) {
        const [parent] = work[work.length - 1];
        low[parent] = Math.min(low[parent], low[node]);
      }
    }
  }
  return components;
}

function clipped(value) {
  return Math.min(1, Math.max(0, value));
}
