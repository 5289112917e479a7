// The sign-in form, which is the same on every page; the page itself shows and hides it.
import { signIn } from "./api.js";
import { text } from "./texts.js";

const element = (id) => document.getElementById(id);

// goOn() is called after each sign-in that was accepted.
export function onceSignedIn(goOn) {
  element("sign-in").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    try {
      await signIn(form.get("username"), form.get("password"));
      element("refusal").textContent = "";
      await goOn();
    } catch (error) {
      element("refusal").textContent = error.message;
    }
  });
}

element("username-label").textContent = text.username;
element("password-label").textContent = text.password;
element("sign-in-button").textContent = text.signIn;
