// The support graph under a conclusion: layered by dagre, the conclusion at the left, reasons to its right.

const MOST_NODES = 40;
// Links that carry less of the tracing than this are left out, unless a node would hang loose.
const LEAST_FLOW = 0.01;
const NODE = { width: 40, height: 30 };

// What is drawn: the conclusion and its likeliest premises, each with the links that matter.
function subgraphOf(page, conclusion) {
  const all = conclusion.premises;
  const weight = new Map([[conclusion.sentence, 1], ...all.slice(0, MOST_NODES)]);
  const { solver, sentences } = page;
  const edges = solver.links.map(([supporter, supported, probability], edge) => ({
    from: sentences[supporter], to: sentences[supported], probability, flow: (weight.get(sentences[supported]) ?? 0) * solver.moves[edge],
  })).filter((edge) => weight.has(edge.from) && weight.has(edge.to) && edge.from !== conclusion.sentence);
  const best = new Map();
  for (const edge of edges) if (edge.flow > (best.get(edge.from)?.flow ?? -1)) best.set(edge.from, edge);
  return {
    nodes: [...weight].map(([sentence, share]) => ({ sentence, weight: share })),
    edges: edges.filter((edge) => edge.flow >= LEAST_FLOW || best.get(edge.from) === edge),
    left: all.length - Math.min(all.length, MOST_NODES),
  };
}

function laidOut(drawn) {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: "RL", nodesep: 9, ranksep: 46, edgesep: 6, marginx: 6, marginy: 6 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { sentence } of drawn.nodes) graph.setNode(sentence, { ...NODE });
  for (const { from, to, flow } of drawn.edges) graph.setEdge(from, to, { weight: 1 + Math.round(9 * flow) });
  dagre.layout(graph);
  return graph;
}

function drawGraph(page, conclusion, canvas) {
  const drawn = subgraphOf(page, conclusion);
  const graph = laidOut(drawn);
  const { width, height } = graph.graph();
  // Lines may run above and below the nodes that the layout has counted.
  const heights = drawn.edges.flatMap((edge) => graph.edge(edge.from, edge.to).points.map((point) => point.y));
  const top = Math.floor(Math.min(0, ...heights.map((y) => y - 4)));
  const bottom = Math.ceil(Math.max(height, ...heights.map((y) => y + 4)));
  // A layout from right to left puts the conclusion at the left: reasons stand where one reads on.
  const edges = drawn.edges.map((edge) => edgeOf(graph.edge(edge.from, edge.to).points, edge));
  const nodes = [...drawn.nodes].map((node) => nodeOf(page, conclusion, node, graph.node(node.sentence)));
  const picture = svg("svg", {
    class: "drawing", width: Math.ceil(width), height: bottom - top, viewBox: `0 ${top} ${Math.ceil(width)} ${bottom - top}`,
    role: "group", "aria-label": `Support graph of ${number(conclusion.sentence)}: ${countOf(drawn.nodes.length - 1, "sentence")}`,
  }, svg("defs", {}, svg("marker", { id: `${page.root.id}-tip`, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, markerUnits: "userSpaceOnUse", orient: "auto" }, svg("path", { class: "tip", d: "M0 .8 7.5 4 0 7.2z" }))),
  svg("g", {}, ...edges), svg("g", {}, ...nodes));
  picture.querySelectorAll(".edge").forEach((edge) => edge.setAttribute("marker-end", `url(#${page.root.id}-tip)`));
  canvas.replaceChildren(picture);
  roving(picture, () => nodes, (key, at) => nearest(key, at, nodes));
  return drawn.left;
}

// A smooth line through the points of the layout.
function edgeOf(points, { probability, from, to }) {
  let path = `M${points[0].x} ${points[0].y}`;
  for (let k = 1; k < points.length - 1; k += 1) {
    const [here, next] = [points[k], points[k + 1]];
    const end = k === points.length - 2 ? next : { x: (here.x + next.x) / 2, y: (here.y + next.y) / 2 };
    path += ` Q${here.x} ${here.y} ${end.x} ${end.y}`;
  }
  if (points.length === 2) path += ` L${points[1].x} ${points[1].y}`;
  return svg("path", {
    class: `edge${probability < WORDS.likely_link ? " perhaps" : ""}`, d: path, "stroke-width": (0.8 + 1.8 * probability).toFixed(2),
    "data-from": from, "data-to-node": to,
  }, svg("title", {}, `${number(from)} supports ${number(to)}: ${percent(probability)}`));
}

const OUTLINES = {
  named: () => svg("ellipse", { class: "body named", rx: 17, ry: 13 }),
  own: () => svg("path", { class: "body own", d: "M-17 0-11-12.5H11L17 0 11 12.5H-11z" }),
  vague: () => svg("path", { class: "body vague", d: "M-20 0 0-14.5 20 0 0 14.5z" }),
  none: () => svg("rect", { class: "body none", x: -16, y: -11.5, width: 32, height: 23 }),
};

function nodeOf(page, conclusion, { sentence, weight }, { x, y }) {
  const label = page.data.sentences[sentence];
  const isRoot = sentence === conclusion.sentence;
  const unsure = label.unsure.includes("sourcing") && !isRoot;
  const body = isRoot
    ? svg("rect", { class: "body", x: -19, y: -13, width: 38, height: 26, rx: 13 })
    : (OUTLINES[label.sourcing] ?? OUTLINES.none)();
  const words = isRoot ? "the conclusion" : `${named(label.sourcing, WORDS.sourcing)}${unsure ? ", uncertain" : ""}, reached with ${percent(weight)}`;
  return svg("g", {
    class: `node${isRoot ? " root" : ""}`, transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`, "data-i": sentence, "data-x": x, "data-y": y,
    tabindex: "-1", role: "button", "aria-label": `${number(sentence)}, ${words}: ${page.article.excerpt(sentence, 60)}`,
  }, svg("rect", { class: "halo", x: -22, y: -16, width: 44, height: 32, rx: 6 }), body, svg("text", {}, `${sentence}${unsure ? "?" : ""}`),
  svg("title", {}, `${number(sentence)}: ${page.article.excerpt(sentence, 120)}`));
}

// The next node in the direction of an arrow key; distance across counts double.
function nearest(key, at, nodes) {
  if (key === "Home") return 0;
  if (key === "End") return nodes.length - 1;
  const ahead = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[key];
  if (!ahead) return undefined;
  const here = nodes[at].dataset;
  let best = at, least = Infinity;
  nodes.forEach((node, k) => {
    const dx = node.dataset.x - here.x, dy = node.dataset.y - here.y;
    const along = dx * ahead[0] + dy * ahead[1], across = Math.abs(dx * ahead[1]) + Math.abs(dy * ahead[0]);
    if (along > 1 && along + 2 * across < least) [best, least] = [k, along + 2 * across];
  });
  return best;
}
