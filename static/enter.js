// A link's secret stands behind its #, which no server, log or other site is sent. It goes into the form.
const form = document.querySelector("form[data-secret]");
const secret = decodeURIComponent(location.hash.slice(1));

if (form && secret) {
  history.replaceState(null, "", location.pathname);
  form.elements[form.dataset.secret].value = secret;
  form.requestSubmit();
}
