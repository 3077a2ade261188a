// Everything that a page can do with the chat, it does through `relevo`.
document.addEventListener("click", event => {
  const button = event.target.closest("button");
  if (!button || !window.relevo) return;
  const { scheme, locale } = button.dataset;
  if ("chat" in button.dataset) window.relevo.open();
  if (scheme) window.relevo.setColorScheme(scheme);
  if (locale) window.relevo.setLocale(locale);
  if ("reset" in button.dataset) window.relevo.reset();
});
