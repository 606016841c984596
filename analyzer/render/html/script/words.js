// Scores and labels in words; the words themselves come from Python, which knows them for every format.

const WORDS = JSON.parse(document.getElementById("words").textContent);

function named(label, words = {}) {
  return Object.hasOwn(words, label) ? words[label] : label.replaceAll("_", " ");
}

function number(index) {
  return `s${index}`;
}

function countOf(many, noun) {
  return many === 1 ? `1 ${noun}` : `${many} ${noun}s`;
}

// Numbers are rounded as Python does, a half to the even one: the report is Python's, and what-ifs stand beside it.
function rounded(value) {
  return value % 1 === 0.5 ? 2 * Math.round(value / 2) : Math.round(value);
}

function percent(share) {
  return `${rounded(100 * share)}%`;
}

// A share below a limit as a percentage that is below it as well.
function percentBelow(share, limit) {
  return `${Math.min(rounded(100 * share), rounded(100 * limit) - 1)}%`;
}

// Two decimals. Of all numbers only eighths can lie halfway, and a hundred times those is exact.
function decimal(value) {
  return (Number.isInteger(8 * value) ? rounded(100 * value) / 100 : value).toFixed(2);
}

function meaningOf(dependence, ofDocument) {
  const shown = Number(decimal(dependence));
  const step = WORDS.scale.find(([limit]) => shown < limit) || WORDS.scale[WORDS.scale.length - 1];
  const clause = step[ofDocument ? 1 : 2];
  return `${clause[0].toUpperCase()}${clause.slice(1)}.`;
}

// Whole percentages that add up to 100, by largest remainders.
function apportioned(shares) {
  const whole = shares.reduce((sum, share) => sum + share, 0) || 1;
  const exact = shares.map((share) => share / whole * 100);
  const counts = exact.map(Math.floor);
  const left = 100 - counts.reduce((sum, count) => sum + count, 0);
  exact.map((value, k) => [counts[k] - value, k]).sort((a, b) => a[0] - b[0] || a[1] - b[1]).slice(0, left)
    .forEach(([, k]) => { counts[k] += 1; });
  return counts;
}

function listed(words) {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}
