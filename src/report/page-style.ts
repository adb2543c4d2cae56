/** The look of a report: for desks, phones and paper, light and dark. */
export const reportStyle = `
:root { color-scheme: light dark; --ink: #18202b; --muted: #5c6675; --paper: #ffffff; --panel: #f6f7f9; --line: #dfe3e9; --accent: #1f5da8; --shade: #18202b33; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e8ebf0; --muted: #a0aab8; --paper: #12161c; --panel: #1a2029; --line: #313a46; --accent: #7db2f0; --shade: #ffffff30; } }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 3.5rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main, header, footer { max-width: 76rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 3.5rem; }
h1 { font-size: clamp(1.7rem, 4.5vw, 2.5rem); line-height: 1.15; letter-spacing: -.02em; margin: 0 0 .7rem; overflow-wrap: break-word; text-wrap: balance; }
h2 { font-size: 1.4rem; line-height: 1.25; letter-spacing: -.01em; margin: 0 0 .4rem; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 2rem 0 .6rem; overflow-wrap: anywhere; }
p { margin: 0 0 .9rem; max-width: 44rem; overflow-wrap: anywhere; }
.lead { font-size: 1.12rem; color: var(--muted); }
a { color: var(--accent); }
nav { position: sticky; top: 0; z-index: 3; background: var(--paper); border-bottom: 1px solid var(--line); margin-top: 1.6rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0 1.4rem; list-style: none; max-width: 76rem; margin: 0 auto; padding: 0 1.5rem; overflow-x: auto; scrollbar-width: none; }
nav a { display: block; padding: .55rem 0; color: var(--muted); font-size: .9rem; white-space: nowrap; text-decoration: none; }
nav a:hover { color: var(--ink); text-decoration: underline; text-underline-offset: .35em; }
section { padding: 2.6rem 0 1rem; border-top: 1px solid var(--line); }
section:first-of-type { border-top: 0; }
section > h2 + p { color: var(--muted); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(10.5rem, 1fr)); gap: .8rem; margin: 1.6rem 0 0; }
.cards div { background: var(--panel); border-radius: .6rem; padding: .9rem 1rem 1rem; min-width: 0; }
.cards dt { color: var(--muted); font-size: .85rem; }
.cards dd { margin: .1rem 0 0; font-size: 1.55rem; font-weight: 650; letter-spacing: -.01em; line-height: 1.25; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.cards dd.note { font-size: .85rem; font-weight: 400; color: var(--muted); letter-spacing: 0; margin-top: .25rem; }
.findings { padding: 0; margin: 1rem 0 1.4rem; list-style: none; max-width: 48rem; }
.findings li { overflow-wrap: anywhere; padding: .7rem 0 .7rem 1.1rem; border-left: 3px solid var(--line); margin-bottom: .6rem; }
.findings .significant { border-color: var(--accent); background: linear-gradient(to right, var(--panel), transparent); }
.scroll { overflow-x: auto; max-width: 100%; }
/* What goes on beyond the edge is shaded there; the cover over the shade scrolls away with the content's end. */
.scroll { background: linear-gradient(to left, var(--paper) 40%, transparent) right / 3rem 100% no-repeat local, linear-gradient(to left, var(--shade), transparent) right / .9rem 100% no-repeat scroll; }
.narrow { display: none; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; min-width: min(100%, 30rem); margin: 0; }
.scroll:has(> table) { margin: 0 0 .7rem; }
.scroll.long { max-height: min(40rem, 80vh); border-bottom: 1px solid var(--line); }
.scroll.long thead th { position: sticky; top: 0; background: var(--paper); z-index: 1; box-shadow: 0 1.5px 0 var(--muted); }
.notes { color: var(--muted); font-size: .82rem; max-width: 52rem; margin-bottom: 1.8rem; }
.caption { color: var(--muted); font-size: .87rem; margin: 1.8rem 0 .6rem; }
th, td { padding: .5rem .9rem .5rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); font-weight: 400; }
thead th { border-bottom: 1.5px solid var(--muted); padding-top: 0; vertical-align: bottom; }
tbody th { max-width: 20rem; overflow-wrap: break-word; position: sticky; left: 0; background: var(--paper); }
.number { text-align: right; padding-right: .4rem; padding-left: .8rem; white-space: nowrap; }
.number + :not(.number) { padding-left: 1.2rem; }
th, td { white-space: nowrap; }
.words { white-space: normal; min-width: 12rem; }
thead th, thead .number { white-space: normal; }
td strong, th strong { font-weight: 700; }
td small, th small { display: block; color: var(--muted); font-size: .82em; }
tbody tr:hover > * { background: var(--panel); }
th button { all: unset; cursor: pointer; font-weight: 600; color: var(--ink); }
th button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.arrow::after { content: "↕"; opacity: .35; margin-left: .3em; font-size: .85em; }
[aria-sort=ascending] .arrow::after { content: "↑"; opacity: 1; }
[aria-sort=descending] .arrow::after { content: "↓"; opacity: 1; }
.charts { display: flex; flex-wrap: wrap; gap: 2rem 2.5rem; align-items: flex-start; margin: 1.4rem 0 1.6rem; }
figure { margin: 0; min-width: 0; max-width: 100%; }
figure svg { display: block; max-width: 100%; height: auto; font-variant-numeric: tabular-nums; }
figure svg text { font-family: inherit; }
figcaption { color: var(--muted); font-size: .87rem; margin-top: .5rem; max-width: 40rem; overflow-wrap: anywhere; }
.picture { margin: 1.4rem 0 1.8rem; }
.picture img { display: block; max-width: 100%; height: auto; border-radius: .4rem; background: #fff; }
.examples { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); gap: 1.4rem 1.2rem; margin: .8rem 0 1.4rem; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 3px; border-radius: .4rem; overflow: hidden; }
.pair img { display: block; width: 100%; height: auto; }
.examples figcaption { color: var(--ink); }
.examples small { display: block; color: var(--muted); overflow-wrap: anywhere; }
pre { margin: 0 0 1.2rem; padding: .8rem 1rem; overflow-x: auto; background: var(--panel); border-radius: .4rem; font-size: .85rem; }
.side { display: flex; flex-wrap: wrap; gap: 1rem; margin: .8rem 0 1.4rem; }
.side img { width: auto; height: auto; min-width: min(100%, 18rem); max-width: 100%; border-radius: .4rem; image-rendering: pixelated; }
.side img.smooth { max-width: min(100%, 34rem); image-rendering: auto; }
main ul:not(.findings) { max-width: 44rem; padding-left: 1.15rem; margin: .8rem 0 1.4rem; }
main ul:not(.findings) li { margin-bottom: .55rem; overflow-wrap: anywhere; }
.sheets { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 29rem), 1fr)); gap: 0 2.5rem; }
.sheets > div { min-width: 0; }
.facts { margin: 0; font-size: .87rem; }
.facts div { display: grid; grid-template-columns: 9.5rem 1fr; gap: 0 1rem; padding: .35rem 0; border-bottom: 1px solid var(--line); }
.facts dt { color: var(--muted); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
footer { color: var(--muted); font-size: .87rem; padding-top: 1.4rem; padding-bottom: 3rem; margin-top: 2rem; }
@media (max-width: 40rem) {
  main, header, footer, nav ul { padding-left: 1.1rem; padding-right: 1.1rem; }
  header { padding-top: 2rem; }
  .facts div { grid-template-columns: 1fr; }
  .cards { grid-template-columns: 1fr 1fr; gap: .6rem; }
  .cards dd { font-size: 1.25rem; }
  .wide { display: none; }
  .narrow { display: block; }
  figure { width: auto !important; }
  nav ul { flex-wrap: nowrap; }
  tbody th { max-width: 9.5rem; padding-right: .6rem; }
  tbody th.words { min-width: 8rem; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
@media print {
  @page { margin: 16mm; }
  body { font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main, header, footer { max-width: none; padding-left: 0; padding-right: 0; }
  header { padding-top: 0; }
  nav, .arrow { display: none; }
  section { padding: 1.2rem 0 .4rem; }
  h2, h3, .caption, section > h2 + p { break-after: avoid; }
  .notes, figcaption { break-before: avoid; }
  thead { display: table-header-group; }
  figure, tr, .cards div, .findings li { break-inside: avoid; }
  .scroll, .scroll.long { overflow: visible; max-height: none; background: none; border: 0; }
  .wide { display: block; }
  .narrow { display: none; }
  table { font-size: 7.5pt; min-width: 0; }
  th, td { padding: .25rem .5rem .25rem 0; }
  .number { padding-left: .3rem; }
  .words { min-width: 0; white-space: normal; }
  .scroll.long thead th { position: static; box-shadow: none; }
  .sheets { grid-template-columns: 1fr 1fr; gap: 0 1.5rem; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; overflow: visible; break-inside: avoid; }
  .facts { font-size: 8pt; }
  .facts div { grid-template-columns: 5.5rem 1fr; }
  .findings li { padding-top: .3rem; padding-bottom: .3rem; }
  tbody th { position: static; max-width: none; }
  .examples { grid-template-columns: repeat(4, 1fr); gap: .8rem; font-size: 8pt; }
  .picture img, figure svg { min-width: 0 !important; }
  .picture img { max-height: 8.5cm; width: auto; }
}
`;
