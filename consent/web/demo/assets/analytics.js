// Stands for a measuring script of somebody else: it sets its cookie and shows on the page that it ran.
"use strict";
window.measure = (() => {
  const known = /(?:^|; )_ga=([^;]+)/.exec(document.cookie);
  const id = known ? known[1] : `GA1.1.${Math.floor(Math.random() * 2 ** 31)}.${Math.floor(Date.now() / 1000)}`;
  document.cookie = `_ga=${id}; path=/; max-age=63072000; samesite=lax`;
  document.documentElement.dataset.measured = "yes";
  window.demo.ran("analytics.js", "analytics");
  return (what) => window.demo.ran(what, "analytics");
})();
