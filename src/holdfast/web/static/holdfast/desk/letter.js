// The preview follows what is typed. Without this the button beside the form shows it.
const form = document.getElementById("letter");
const button = form?.querySelector("[data-preview]");
if (form && button) {
  let soon = 0;
  form.addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(() => form.requestSubmit(button), 600);
  });
}
