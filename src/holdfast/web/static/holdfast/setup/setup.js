// Guesses that the set-up makes while somebody types; all of it works without.
//   [data-setup-about]                   the form with name, address, zone and currency
//   [data-first-time]                    nothing was answered yet: the browser's zone is proposed
const form = document.querySelector("[data-setup-about]");
if (form) {
  const { name, slug, timezone, currency } = form.elements;

  // The address follows the name until somebody writes their own.
  let follows = slug.value === "" || slug.value === addressOf(name.value);
  name.addEventListener("input", () => { if (follows) slug.value = addressOf(name.value); });
  slug.addEventListener("input", () => { follows = slug.value === ""; });

  // The currency follows the zone until somebody chooses their own.
  let isGuess = "firstTime" in form.dataset;
  const follow = () => {
    const usual = timezone.selectedOptions[0]?.dataset.currency;
    if (isGuess && usual) currency.value = usual;
  };
  currency.addEventListener("change", () => { isGuess = false; });
  timezone.addEventListener("change", follow);
  if (isGuess) {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if ([...timezone.options].some((option) => option.value === here)) { timezone.value = here; follow(); }
  }
}

function addressOf(words) {
  return words.replaceAll("&", " and ").replaceAll("ß", "ss").normalize("NFKD").replace(/[^\x00-\x7f]/g, "").toLowerCase()
    .replace(/[^\w\s-]/g, "").replace(/[\s-]+/g, "-").replaceAll("_", "-").slice(0, 63).replace(/^-+|-+$/g, "");
}
