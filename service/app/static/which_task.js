// Yours: the script of the page.
"use strict";
// Asks the API twice a second and shows which task and version answered each request.

const EVERY_MS = 500;
const PATIENCE_MS = 5000; // an answer later than this counts as failed
const HEALTH_EVERY_MS = 2000;
const SUMMARY_EVERY_MS = 10000; // what a screen reader says; each tick would drown all else
const TICKS = 60;
const COLOURS = 8; // as many as which_task.css defines; further tasks share them, so each tick has a letter too

const byId = (id) => document.getElementById(id);
const { info, ready } = byId("page").dataset;
const tasks = new Map(); // key -> {letter, colour, count, row, ...}
const versions = new Map(); // version -> {count, row}
let answered = 0;
let failed = 0;
let paused = false;

const stopped = () => paused || document.hidden;
const show = (id, text) => { byId(id).textContent = text; };

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

function percent(cell, value, label) {
  let meter = cell.querySelector("meter");
  if (!meter) {
    meter = document.createElement("meter");
    meter.max = 100;
    meter.setAttribute("aria-label", label);
    cell.append(meter, document.createElement("span"));
  }
  meter.value = value;
  cell.lastChild.textContent = `${Math.round(value)} %`;
}

function shares(counted, column) {
  for (const { row, count } of counted.values()) percent(row.cells[column], (100 * count) / answered, "share");
}

function countTask(answer) {
  const name = answer.task ?? answer.hostname;
  const key = `${name} ${answer.version}`; // outside ECS a new version may come from the same host
  let task = tasks.get(key);
  if (!task) {
    const letter = letterFor(tasks.size);
    task = { name, letter, colour: (tasks.size % COLOURS) + 1, count: 0 };
    task.row = addRow("tasks", { task: name, version: answer.version },
      [`${letter} ${name}`, answer.zone ?? "none", answer.version, "", "", "0"]);
    task.row.title = name;
    task.row.cells[0].dataset.colour = task.colour;
    tasks.set(key, task);
  }
  task.count += 1;
  percent(task.row.cells[3], answer.saturation_percent, "busy slots");
  task.row.cells[5].textContent = task.count;
  return task;
}

function countVersion(version) {
  let seen = versions.get(version);
  if (!seen) {
    seen = { count: 0, row: addRow("versions", { version }, [version, "", "0"]) };
    versions.set(version, seen);
  }
  seen.count += 1;
  seen.row.cells[2].textContent = seen.count;
}

function addTick(outcome, { task = "", version = "", letter, colour, words }) {
  const ticks = byId("ticks");
  // Ticks stay where they are and hand on what they show: ticks that move are a shift of the layout.
  if (ticks.children.length < TICKS) ticks.append(document.createElement("li"));
  else for (const tick of ticks.children) if (tick.nextSibling) fillTick(tick, { ...tick.nextSibling.dataset },
    tick.nextSibling.textContent, tick.nextSibling.title);
  const data = { outcome, task, version };
  if (colour) data.colour = colour;
  fillTick(ticks.lastElementChild, data, letter, words);
  show("latest", words);
}

function fillTick(tick, data, letter, words) {
  delete tick.dataset.colour;
  Object.assign(tick.dataset, data);
  tick.textContent = letter;
  tick.title = words;
}

function get(url) {
  return fetch(url, {
    headers: { Accept: "application/json" },
    cache: "no-store",
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
}

async function ask() {
  const started = performance.now();
  try {
    const response = await get(info);
    if (!response.ok) throw new Error(`status ${response.status}`);
    const answer = await response.json();
    const took = Math.round(performance.now() - started);
    show("answered", ++answered);
    const task = countTask(answer);
    countVersion(answer.version);
    shares(tasks, 4);
    shares(versions, 1);
    show("version", answer.version);
    byId("colour").firstElementChild.setAttribute("fill", answer.colour);
    show("environment", answer.environment);
    show("busy", `${Math.round(answer.saturation_percent)} %`);
    addTick("answered", { task: task.name, version: answer.version, letter: task.letter, colour: task.colour,
      words: `Task ${task.letter} answered with version ${answer.version}, worker ${answer.worker}, in ${took} ms` });
  } catch (error) {
    show("failed", ++failed);
    byId("failed").parentElement.dataset.any = "yes";
    addTick("failed", { letter: "×", words: `No answer: ${error.message}` });
  }
}

async function askHealth() {
  try {
    const response = await get(ready);
    show("health", response.ok ? "ready" : `not ready (${response.status})`);
    byId("health").parentElement.toggleAttribute("data-bad", !response.ok);
  } catch {
    show("health", "no answer");
    byId("health").parentElement.toggleAttribute("data-bad", true);
  }
}

function summarise() {
  show("summary", `${answered} answered, ${failed} failed. Tasks: ${tasks.size}, versions: ${versions.size}. ` +
    `Health: ${byId("health").textContent}.`);
}

async function every(milliseconds, act) {
  for (;;) {
    const next = new Promise((resolve) => setTimeout(resolve, milliseconds));
    if (!stopped()) await act();
    await next;
  }
}

const showState = () => show("state", stopped() ? "paused" : "live");
byId("pause").addEventListener("click", () => {
  paused = !paused;
  byId("pause").setAttribute("aria-pressed", paused);
  showState();
});
document.addEventListener("visibilitychange", showState);
every(EVERY_MS, ask);
every(HEALTH_EVERY_MS, askHealth);
every(SUMMARY_EVERY_MS, summarise);
