// Sending a request: once, with a loading state, and whatever happens on the way the form stays as it was typed.
// Without script the same form is sent the plain way; under its key it is one request however often it arrives.
const byId = (id) => document.getElementById(id);
let sending = false;

function busy(form, isBusy) {
  sending = isBusy;
  form.setAttribute("aria-busy", String(isBusy));
  for (const button of document.querySelectorAll("[data-final=send], [data-sends-again]")) {
    button.classList.toggle("is-busy", isBusy);
    button.setAttribute("aria-disabled", String(isBusy));
  }
}

function notSent(form) {
  busy(form, false);
  byId("confirm")?.close();
  const note = byId("not-sent");
  note.hidden = false;
  note.scrollIntoView({ block: "center" });
  note.querySelector("button").focus();
}

function show(html) {
  const main = new DOMParser().parseFromString(html, "text/html").querySelector("main");
  if (!main) return false;
  document.querySelector("main").replaceWith(document.adoptNode(main));
  document.querySelector("[data-takes-focus-on-load]")?.focus();
  return true;
}

async function send(form, address) {
  if (sending) return;
  busy(form, true);
  byId("not-sent").hidden = true;
  let response;
  try {
    response = await fetch(address, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  } catch { notSent(form); return; }
  if (response.redirected && response.ok) {
    form.reset();                                          // back on this page, it is empty again
    location.assign(response.url);
    return;
  }
  const isAnswer = response.status >= 400 && response.status < 500 && response.status !== 429;
  if (!isAnswer || !show(await response.text())) notSent(form);
  else busy(document.querySelector("[data-keeps]") ?? form, false);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.keeps === undefined || event.submitter?.dataset.final !== "send") return;
  event.preventDefault();
  send(form, event.submitter.formAction);
}, true);

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-sends-again]")) return;
  send(document.querySelector("[data-keeps]"), document.querySelector("[data-final=send]").formAction);
});

addEventListener("pageshow", () => {
  const form = document.querySelector("[data-keeps]");
  if (form) busy(form, false);
});
