"use strict";
// Asks `/` for JSON twice a second and shows which task and version answered each request.

const EVERY_MS = 500;
const PATIENCE_MS = 5000; // an answer later than this counts as failed
const TICKS = 60;
const COLOURS = 8; // as many as which_task.css defines; further tasks share them, so each tick has a letter too

const byId = (id) => document.getElementById(id);
const tasks = new Map(); // key -> {letter, colour, zone, version, count, row}
const versions = new Map(); // version -> {count, row}
let answered = 0;
let failed = 0;

function letterFor(index) {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : letter + Math.floor(index / 26);
}

function addRow(tableId, data, cells) {
  const row = byId(tableId).insertRow();
  Object.assign(row.dataset, data);
  for (const text of cells) row.insertCell().textContent = text;
  row.cells[cells.length - 1].className = "number";
  return row;
}

function countTask(answer) {
  const name = answer.task ?? answer.hostname;
  const key = `${name} ${answer.version}`; // outside ECS a new version may come from the same host
  let task = tasks.get(key);
  if (!task) {
    const letter = letterFor(tasks.size);
    task = { name, letter, colour: (tasks.size % COLOURS) + 1, count: 0 };
    task.row = addRow("tasks", { task: name, version: answer.version },
      [`${letter} ${name}`, answer.zone ?? "none", answer.version, "0"]);
    task.row.title = name;
    task.row.cells[0].dataset.colour = task.colour;
    tasks.set(key, task);
  }
  task.count += 1;
  task.row.cells[3].textContent = task.count;
  return task;
}

function countVersion(version) {
  let seen = versions.get(version);
  if (!seen) {
    seen = { count: 0, row: addRow("versions", { version }, [version, "0"]) };
    versions.set(version, seen);
  }
  seen.count += 1;
  seen.row.cells[1].textContent = seen.count;
}

function addTick(outcome, { task = "", version = "", letter, colour, words }) {
  const tick = document.createElement("li");
  Object.assign(tick.dataset, { outcome, task, version });
  if (colour) tick.dataset.colour = colour;
  tick.textContent = letter;
  tick.title = words;
  byId("ticks").append(tick);
  while (byId("ticks").children.length > TICKS) byId("ticks").firstElementChild.remove();
  byId("latest").textContent = words;
}

async function ask() {
  const started = performance.now();
  try {
    const response = await fetch("/", {
      headers: { Accept: "application/json" },
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const answer = await response.json();
    const task = countTask(answer);
    countVersion(answer.version);
    byId("answered").textContent = ++answered;
    byId("version").textContent = answer.version;
    byId("environment").textContent = answer.environment;
    const took = Math.round(performance.now() - started);
    addTick("answered", { task: task.name, version: answer.version, letter: task.letter, colour: task.colour,
      words: `Task ${task.letter} answered with version ${answer.version}, worker ${answer.worker}, in ${took} ms` });
  } catch (error) {
    byId("failed").textContent = ++failed;
    byId("failed").parentElement.dataset.any = "yes";
    addTick("failed", { letter: "×", words: `No answer: ${error.message}` });
  }
}

async function loop() {
  for (;;) {
    const next = new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    if (!document.hidden) await ask();
    await next;
  }
}

document.addEventListener("visibilitychange", () => {
  byId("state").textContent = document.hidden ? "paused" : "live";
});
loop();
