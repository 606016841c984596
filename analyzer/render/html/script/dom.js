// Makes elements. Text goes in as text only, never as markup: what a document says cannot become part of the page.

const SVG = "http://www.w3.org/2000/svg";

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function html(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

// One tab stop for many elements: arrow keys move among `items()`, which are read when a key is pressed.
function roving(container, items, step) {
  const first = items()[0];
  if (first) first.setAttribute("tabindex", "0");
  const stop = (chosen) => {
    for (const item of items()) if (item.getAttribute("tabindex") === "0") item.setAttribute("tabindex", "-1");
    chosen.setAttribute("tabindex", "0");
  };
  container.addEventListener("focusin", (event) => {
    const item = event.target.closest("[tabindex]");
    if (item && items().includes(item)) stop(item);
  });
  container.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const all = items();
    const at = all.indexOf(event.target);
    if (at < 0) return;
    const next = step(event.key, at, all);
    if (next === undefined) return;
    event.preventDefault();
    const target = all[Math.min(all.length - 1, Math.max(0, next))];
    stop(target);
    target.focus();
  });
}

function inOrder(key, at, all) {
  return { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[key];
}
