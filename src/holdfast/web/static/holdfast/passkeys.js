// The ceremonies are allauth's own scripts; here their failures become words on the page (a cancelled one is a failure, too).
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  for (const note of document.querySelectorAll("[data-passkey-trouble]")) note.hidden = false;
});
