// What the pages with measurements have in common: who looks signs in, then loads and follows.
import { Refused, signOut } from "../console/api.js";
import { onceSignedIn } from "../console/sign-in.js";
import { language, text } from "./texts.js";
import { follow } from "./stream.js";

const NOT_FOR_YOU = [401, 403, 404]; // or not for who is signed in
const AGAIN_MS = 3000;

export const address = new URLSearchParams(location.hash.slice(1));
export const element = (id) => document.getElementById(id);

export function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

export function title(name) {
  element("name").textContent = name;
  document.title = `${name} · VMLab`;
}

export function show(state, message) {
  element("connection").textContent = message;
  element("connection").dataset.state = state;
}

export function chip(place, status) {
  place.textContent = text.status[status] ?? status;
  place.dataset.status = status;
}

// Pages to choose from: [address, name, status if it is a machine's].
export function offer(choices) {
  const link = ([href, name, status]) => {
    const line = make("li", {}, make("a", { href, textContent: name }));
    if (status) {
      const state = make("span", { className: "chip" });
      chip(state, status);
      line.append(" ", state);
    }
    return line;
  };
  element("choices").hidden = false;
  element("choices").replaceChildren(...choices.map(link));
}

// What a task is about, with how far it has come; empty if there is none or it has ended.
export function doing(task) {
  const what = text.kinds[task?.kind] ?? task?.kind;
  if (task?.status === "running") return `${what} ${task.progress} %`;
  return task?.status === "pending" ? `${what} …` : "";
}

const problems = new Map(); // by the work that has one

// A failure that passes is shown until the same work does better.
export function tolerant(work) {
  return async (...given) => {
    problems.delete(work);
    try {
      await work(...given);
    } catch (error) {
      const refused = error instanceof Refused;
      if (refused && error.status === 401) askToSignIn(text.signInFirst);
      else problems.set(work, refused ? error.message : text.reconnecting);
    }
    element("problem").textContent = [...new Set(problems.values())].join(" · ");
  };
}

export function every(seconds, work) {
  setInterval(() => document.hidden || work(), seconds * 1000);
  document.addEventListener("visibilitychange", () => document.hidden || work());
}

let unfollow = null;

function askToSignIn(message) {
  unfollow?.();
  unfollow = null;
  element("page").hidden = element("sign-out").hidden = true;
  element("sign-in").hidden = false;
  show("ended", message);
}

// load() gets all that is shown; changed(type, object) takes up what events tell.
export function start({ load, changed }) {
  const loadAgain = tolerant(load);

  async function open() {
    show("connecting", text.connecting);
    try {
      await load();
    } catch (error) {
      const refused = error instanceof Refused;
      if (refused && NOT_FOR_YOU.includes(error.status)) {
        askToSignIn(error.status === 401 ? text.signInFirst : error.message);
      } else {
        show("connecting", refused ? error.message : text.reconnecting);
        setTimeout(open, AGAIN_MS);
      }
      return;
    }
    element("sign-in").hidden = true;
    element("page").hidden = element("sign-out").hidden = false;
    unfollow?.();
    unfollow = follow({
      changed,
      reset: loadAgain,
      lost: (away) => show(away ? "connecting" : "connected", away ? text.reconnecting : text.live),
    });
  }

  element("sign-out").addEventListener("click", tolerant(async () => {
    await signOut();
    askToSignIn(text.signedOut);
  }));
  onceSignedIn(open);
  open();
}

document.documentElement.lang = language;
addEventListener("hashchange", () => location.reload());
for (const labelled of document.querySelectorAll("[data-text]")) {
  labelled.textContent = text[labelled.dataset.text];
}
