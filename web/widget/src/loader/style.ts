// One style sheet, constructed: it needs no style-src in the page's policy.
export const sheet = `
:host{all:initial;position:fixed;z-index:2147483000;bottom:0;right:0;font:15px/1.4 system-ui,sans-serif;color-scheme:light dark}
:host([data-side=left]){right:auto;left:0}
button{font:inherit;cursor:pointer;border:0;padding:0;margin:0}
button:focus-visible,iframe:focus-visible{outline:3px solid var(--c);outline-offset:3px}
.launcher{position:absolute;bottom:20px;right:20px;width:60px;height:60px;border-radius:50%;background:var(--c);color:var(--i);box-shadow:0 6px 24px rgb(0 0 0/.3);display:grid;place-items:center;transition:transform .15s}
:host([data-side=left]) .launcher{right:auto;left:20px}
.launcher:hover{transform:scale(1.06)}
.launcher svg{width:28px;height:28px;grid-area:1/1;transition:opacity .15s}
.launcher svg:last-of-type,.launcher[aria-expanded=true] svg:first-of-type{opacity:0}
.launcher[aria-expanded=true] svg:last-of-type{opacity:1}
.badge{position:absolute;top:-3px;right:-3px;min-width:22px;height:22px;padding:0 6px;box-sizing:border-box;border-radius:11px;background:#c81e1e;color:#fff;font-size:13px;font-weight:600;line-height:22px;text-align:center}
iframe{position:absolute;bottom:92px;right:20px;width:392px;height:min(680px,calc(100dvh - 112px));border:0;border-radius:18px;background:#fff;color-scheme:normal;box-shadow:0 8px 40px rgb(0 0 0/.25);animation:rise .2s}
:host([data-side=left]) iframe{right:auto;left:20px}
.bubble{position:absolute;bottom:92px;right:20px;width:280px;background:#fff;color:#16181d;border-radius:16px;box-shadow:0 8px 32px rgb(0 0 0/.2);animation:rise .25s}
:host([data-side=left]) .bubble{right:auto;left:20px}
.bubble .say{display:block;width:100%;box-sizing:border-box;padding:16px 40px 16px 18px;background:none;color:inherit;text-align:start;border-radius:16px;overflow-wrap:anywhere;white-space:pre-line}
.bubble b{display:block;font-weight:600;font-size:13px;color:#4b5563}
.bubble .off{position:absolute;top:6px;right:6px;width:32px;height:32px;background:none;color:#4b5563;border-radius:50%}
.bubble .off svg{width:16px}
[hidden]{display:none!important}
@keyframes rise{from{opacity:0;transform:translateY(12px)}}
@media (max-width:480px),(max-height:420px){:host([data-open]){inset:0}:host([data-open]) iframe{inset:0;width:100%;height:100dvh;border-radius:0}:host([data-open]) .launcher{display:none}}
@media (prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}
`;
