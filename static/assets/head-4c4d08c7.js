/* A classic script in <head>: runs before anything is painted, for the page is on a projector.
   It moves #token=… from the address bar into this tab's session, so that a reload still works, and leaves other
   parts of the hash alone. It also sets theme and language, so that neither flashes. */
(function () {
  'use strict';
  function decoded(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text; // the server refuses it in words
    }
  }
  var kept = [];
  var token = null;
  location.hash.replace(/^#/, '').split('&').forEach(function (part) {
    if (part.indexOf('token=') === 0) token = decoded(part.slice(6));
    else if (part !== '') kept.push(part);
  });
  if (token !== null) {
    var rest = kept.length > 0 ? '#' + kept.join('&') : '';
    history.replaceState(history.state, '', location.pathname + location.search + rest);
  }
  try {
    if (token !== null) sessionStorage.setItem('vivero.token', token);
    var theme = localStorage.getItem('vivero.theme');
    var language = localStorage.getItem('vivero.language');
    if (theme === 'light' || theme === 'dark' || theme === 'projector') document.documentElement.dataset.theme = theme;
    document.documentElement.lang = language === 'es' || language === 'en' ? language : /^es\b/i.test(navigator.language) ? 'es' : 'en';
  } catch {
    /* storage is refused: then the token lives only as long as this page, and so do the choices */
    window.viveroToken = token;
  }
})();
