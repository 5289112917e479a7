// The few calls that the pages make, with a browser session (cookie and CSRF token).
const BASE = "/api/v1/";

export class Refused extends Error {
  constructor(status, { message, details }) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

async function answered(request) {
  const response = await request;
  const answer = await response.json();
  if (!answer.success) {
    throw new Refused(response.status, answer.error);
  }
  return answer.data;
}

function post(path, body) {
  const headers = {
    "Content-Type": "application/json",
    "Accept-Language": navigator.language,
    "X-CSRF-Token": sessionStorage.getItem("csrf") ?? "",
  };
  return answered(fetch(BASE + path, { method: "POST", headers, body: JSON.stringify(body) }));
}

export function get(path, query = {}) {
  const asked = new URLSearchParams(query);
  const headers = { "Accept-Language": navigator.language };
  return answered(fetch(`${BASE}${path}?${asked}`, { headers }));
}

export async function signIn(username, password) {
  const login = await post("auth/login/", { username, password, session: true });
  sessionStorage.setItem("csrf", login.csrf_token);
}

export async function signOut() {
  await post("auth/logout/", {});
  sessionStorage.removeItem("csrf");
}

export function screenToken(vm, mode) {
  return post(`vms/${vm}/console/vnc/token/`, { mode });
}

export function shellToken(vm, login) {
  return post(`vms/${vm}/console/ssh/token/`, login);
}

export function renewConsole(renewal) {
  return post("console/renew/", renewal);
}
