// The pages can be read and used without this. It adds: the theme, live rows, the panel beside the list, keys, copying.
// Whatever it shows is made by the server, escaped there, and put in as parsed nodes; no text becomes markup here.
"use strict";

const root = document.documentElement;
root.classList.add("js");
try {
  const theme = localStorage.getItem("mockserver.theme");
  if (theme) root.dataset.theme = theme;
} catch { /* storage may be barred; then the theme is the system's */ }

document.addEventListener("DOMContentLoaded", () => {
  for (const element of document.querySelectorAll("[data-theme-toggle], [data-copy]")) element.hidden = false;
  const here = document.querySelector("nav [aria-current]");
  if (here && here.offsetLeft > innerWidth / 2) here.closest("nav").scrollLeft = here.offsetLeft - innerWidth / 2;
  document.addEventListener("click", onClick);
  document.addEventListener("submit", onSubmit);
  document.addEventListener("keydown", onKey);
  if (document.getElementById("rows")) new Requests();
});

function onClick(event) {
  const copy = event.target.closest("[data-copy]");
  if (copy) copyFrom(copy);
  if (event.target.closest("[data-theme-toggle]")) toggleTheme();
  for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(event.target)) menu.open = false;
}

function onSubmit(event) {
  const question = event.target.dataset.ask;
  if (question && !confirm(question)) event.preventDefault();
}

function toggleTheme() {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try { localStorage.setItem("mockserver.theme", root.dataset.theme); } catch { /* it holds for this page, then */ }
}

async function copyFrom(button) {
  const source = document.getElementById(button.dataset.copy);
  const label = button.dataset.label || (button.dataset.label = button.textContent);
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = "Copied";
  } catch {
    const around = source.closest("details");
    if (around) around.open = true;
    getSelection().selectAllChildren(source);
    button.textContent = "Selected: copy by hand";
  }
  setTimeout(() => { button.textContent = label; }, 1600);
}

function typing(target) {
  return target.matches("input, select, textarea, [contenteditable]");
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const field = document.querySelector("[data-slash]");
  if (event.key === "/" && field && !typing(event.target)) {
    event.preventDefault();
    field.focus();
    field.select();
  } else if (event.key === "Escape") {
    for (const menu of document.querySelectorAll(".menu[open]")) { menu.open = false; menu.querySelector("summary").focus(); }
    if (event.target === field) field.blur();
  }
}

const MOST_ROWS = 1000;
const GATHER = 200;
const TYPING = 180;
const AGAIN = 2000;

class Requests {
  constructor() {
    this.rows = document.getElementById("rows");
    this.side = document.getElementById("side");
    this.filter = document.getElementById("filter");
    this.liveButton = document.getElementById("live");
    this.newest = this.rows.dataset.newest;
    this.still = "still" in this.rows.dataset;
    this.wide = matchMedia("(min-width: 1100px)");
    this.live = !this.still;
    this.renewals = 0;
    this.renewing = false;
    this.side.hidden = false;
    this.liveButton.hidden = this.still;
    this.liveButton.addEventListener("click", () => this.setLive(!this.live));
    this.filter.addEventListener("input", (event) => this.soon(event.target.type === "search" ? TYPING : 0));
    this.filter.addEventListener("submit", (event) => { event.preventDefault(); this.renew(); });
    this.rows.addEventListener("click", (event) => this.onClick(event));
    document.addEventListener("keydown", (event) => this.onKey(event));
    document.addEventListener("visibilitychange", () => this.listen());
    addEventListener("pageshow", () => this.listen());
    addEventListener("pagehide", () => this.hush());
    this.listen();
    const wanted = location.hash.slice(1);
    if (/^r\d+$/.test(wanted)) this.open(document.getElementById(wanted));
  }

  // Live rows: an event says that there is something new; what is new is asked for a moment later, at once for many.
  listen() {
    if (!this.live || document.hidden) return this.hush();
    if (this.source) return;
    this.source = new EventSource(this.rows.dataset.events);
    this.source.addEventListener("open", () => { this.say(); this.gather(); });
    this.source.addEventListener("request", () => this.gather());
    this.source.addEventListener("dropped", () => this.gather());
    this.source.addEventListener("error", () => this.say(true));
  }

  hush() {
    if (this.source) this.source.close();
    this.source = null;
  }

  setLive(on) {
    this.live = on;
    this.say();
    this.listen();
  }

  say(lost = false) {
    this.liveButton.setAttribute("aria-pressed", String(this.live));
    this.liveButton.classList.toggle("lost", this.live && lost);
    this.liveButton.textContent = !this.live ? "Still" : lost ? "Connection lost" : "Live";
  }

  gather() {
    if (this.gathering) { this.more = true; return; }
    this.more = false;
    this.gathering = setTimeout(async () => {
      // While the list is renewed, what is new comes with it, or at the next look.
      const got = !this.live || this.renewing || await this.fetchRows({ after: this.newest });
      this.gathering = null;
      if (!got) setTimeout(() => this.gather(), AGAIN);
      else if (this.more) this.gather();
    }, GATHER);
  }

  soon(wait) {
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.renew(), wait);
  }

  query(extra) {
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(this.filter)) if (value) query.set(name, value);
    for (const [name, value] of Object.entries(extra)) query.set(name, value);
    return query;
  }

  async renew() {
    const query = this.query({}).toString();
    history.replaceState(null, "", query ? `?${query}` : location.pathname);
    this.filter.querySelector(".clear").hidden = !query;
    const renewal = ++this.renewals;
    this.renewing = true;
    await this.fetchRows({});
    if (renewal === this.renewals) this.renewing = false;
    if (this.live) this.gather();
  }

  // Whether there was an answer.
  async fetchRows(extra) {
    const renewals = this.renewals;
    const url = `${this.filter.getAttribute("action")}?${this.query({ ...extra, part: "rows" })}`;
    const part = await fetchPart(url);
    if (!part) { this.say(true); return false; }
    // Somebody has asked for another list meanwhile: what this belongs to is not there any more.
    if (renewals !== this.renewals) return true;
    const state = part.querySelector("[data-newest]");
    const list = [...part.querySelectorAll("li")];
    const gap = "gap" in state.dataset;
    if (!extra.before) this.newest = state.dataset.newest;
    document.getElementById("count").textContent = state.textContent.trim();
    if (extra.before) this.rows.querySelector(".more")?.replaceWith(...list);
    else if (extra.after && !gap) this.prepend(list);
    else this.rows.replaceChildren(...list);
    document.getElementById("empty").hidden = this.rows.children.length > 0;
    this.mark();
    this.say();
    return true;
  }

  prepend(list) {
    const fresh = list.filter((item) => item.className !== "more");
    for (const item of fresh) item.firstElementChild.classList.add("fresh");
    this.rows.prepend(...fresh);
    const surplus = this.rows.children.length - MOST_ROWS;
    if (surplus > 0) {
      for (let left = surplus; left > 0; left--) this.rows.lastElementChild.remove();
      const link = document.createElement("a");
      link.dataset.older = "";
      link.className = "older";
      link.textContent = "Older requests";
      link.href = `${this.filter.getAttribute("action")}?${this.query({ before: this.rows.lastElementChild.firstElementChild.dataset.id })}`;
      const item = document.createElement("li");
      item.className = "more";
      item.append(link);
      this.rows.append(item);
    }
  }

  onClick(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    const older = event.target.closest("[data-older]");
    const row = event.target.closest(".req");
    if (older) {
      event.preventDefault();
      this.fetchRows({ before: new URL(older.href).searchParams.get("before") });
    } else if (row && this.wide.matches) {
      event.preventDefault();
      this.open(row);
    }
  }

  async open(row) {
    if (!row || !this.wide.matches) return;
    this.chosen = row.dataset.id;
    this.mark();
    const part = await fetchPart(`${row.href}?part=panel`);
    if (!part || this.chosen !== row.dataset.id) return;
    this.hint ??= [...this.side.childNodes];
    this.side.replaceChildren(...part.childNodes);
    this.side.scrollTop = 0;
    for (const element of this.side.querySelectorAll("[data-copy]")) element.hidden = false;
    history.replaceState(null, "", `${location.pathname}${location.search}#${this.chosen}`);
  }

  close() {
    if (!this.chosen) return;
    this.chosen = null;
    this.mark();
    this.side.replaceChildren(...this.hint);
    history.replaceState(null, "", location.pathname + location.search);
  }

  mark() {
    for (const row of this.rows.querySelectorAll(".chosen")) { row.classList.remove("chosen"); row.removeAttribute("aria-current"); }
    const row = this.chosen && document.getElementById(this.chosen);
    if (row) { row.classList.add("chosen"); row.setAttribute("aria-current", "true"); }
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    const arrow = event.key.startsWith("Arrow");
    if (step && !(arrow && event.target.closest("pre, .side"))) {
      event.preventDefault();
      this.step(step);
    } else if (event.key === "l") {
      this.setLive(!this.live);
    } else if (event.key === "Enter" && event.target.matches(".req")) {
      event.preventDefault();
      location.assign(event.target.href);
    } else if (event.key === "Escape") {
      this.close();
    }
  }

  step(by) {
    const here = document.activeElement.closest(".req") ?? document.getElementById(this.chosen);
    const item = here?.parentElement;
    const next = item ? (by > 0 ? item.nextElementSibling : item.previousElementSibling) : this.rows.firstElementChild;
    const row = next?.querySelector("a");
    if (!row) return;
    row.focus();
    clearTimeout(this.opening);
    if (row.matches(".req")) this.opening = setTimeout(() => this.open(row), 60);
  }
}

// A part of a page, as nodes that belong to no document yet; null where there is none.
async function fetchPart(url) {
  try {
    const answer = await fetch(url, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html").body;
  } catch {
    return null;
  }
}
