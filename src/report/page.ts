import { escapeHtml as escaped, proseHtml } from './page-text.ts';

/** One explained output on a page. */
export interface PageSection {
  readonly title: string;
  /** What is seen, in a sentence or two. */
  readonly text: string;
  /** Pictures as URLs, usually `data:`; all of one size. */
  readonly photo: string;
  readonly overlay: string;
  readonly heatmap: string;
  /** The colours' CSS stops from −limit to +limit. */
  readonly gradient: string;
  readonly limit: string;
  /** What the ends of the colours mean. */
  readonly ends: readonly [low: string, high: string];
  /** Bars, lengths from 0 to 1. */
  readonly scores: readonly {
    readonly label: string;
    readonly text: string;
    /** None of a number, which has no most. */
    readonly fraction?: number;
    readonly explained?: boolean;
  }[];
  /** How it was computed. */
  readonly method: string;
}

export interface Page {
  readonly title: string;
  readonly lead: string;
  readonly sections: readonly PageSection[];
  /** What to do next: a sentence and the command. */
  readonly steps: readonly { readonly text: string; readonly command: string }[];
  /** Where everything comes from. */
  readonly sources: readonly string[];
}

/** An HTML page of explained outputs that needs nothing beside it: no files, no network, no script but a slider's. */
export function explanationPage({ title, lead, sections, steps, sources }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<header><h1>${escaped(title)}</h1><p class="lead">${escaped(lead)}</p></header>
${sections.map(sectionHtml).join('\n')}
<section class="next"><h2>Go on</h2>
${steps.map(({ text, command }) => `<p>${escaped(text)}</p><pre><code>${escaped(command)}</code></pre>`).join('\n')}
</section>
<footer>${sources.map((source) => `<p>${escaped(source)}</p>`).join('')}</footer>
</main>
<script>
for (const slider of document.querySelectorAll('input[type=range]')) {
  const overlay = slider.closest('section').querySelector('.overlay');
  slider.addEventListener('input', () => { overlay.style.opacity = slider.value / 100; });
}
</script>
</body>
</html>
`;
}

function sectionHtml(section: PageSection): string {
  const { title, text, photo, overlay, heatmap, gradient, limit, scores, method } = section;
  const [low, high] = section.ends;
  const bars = scores.map(
    (score) =>
      `<li${score.explained ? ' class="explained"' : ''}><span>${escaped(score.label)}</span>` +
      `<span class="value">${escaped(score.text)}</span>` +
      `${score.fraction === undefined ? '' : `<div class="bar"><div style="width:${(100 * score.fraction).toFixed(1)}%"></div></div>`}</li>`,
  );
  return `<section>
<h2>${escaped(title)}</h2>
<p>${proseHtml(text)}</p>
<div class="panels">
<figure>
<div class="stack"><img src="${photo}" alt="the photo"><img class="overlay" src="${overlay}" alt="relevance over the photo"></div>
<label>photo <input type="range" min="0" max="100" value="100" aria-label="how much of the relevance is shown"> relevance</label>
</figure>
<figure>
<img src="${heatmap}" alt="heatmap of the relevance">
<div class="legend" style="background:linear-gradient(to right,${gradient})"></div>
<div class="ends"><span>−${escaped(limit)} ${low}</span><span>0</span><span>${high} +${escaped(limit)}</span></div>
</figure>
<ul class="scores">${bars.join('')}</ul>
</div>
<p class="method">${proseHtml(method)}</p>
</section>`;
}

const style = `
:root { color-scheme: light dark; --ink: #18202b; --muted: #5c6675; --paper: #fff; --line: #e3e7ec; --accent: #d03020; --bar: #8a97ab; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e8ebf0; --muted: #9aa5b4; --paper: #14181e; --line: #2a313b; --accent: #ff6a52; --bar: #5d6a7e; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 3rem 1.5rem 4rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .6rem; letter-spacing: -.01em; }
h2 { font-size: 1.25rem; margin: 0 0 .3rem; }
.lead { font-size: 1.1rem; color: var(--muted); margin: 0; max-width: 44rem; }
section { margin-top: 2.5rem; padding-top: 2rem; border-top: 1px solid var(--line); }
section > p { max-width: 44rem; margin: 0 0 1.2rem; }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr)); gap: 1.5rem; align-items: start; }
figure { margin: 0; min-width: 0; }
figure img { display: block; width: 100%; aspect-ratio: 1; border-radius: .35rem; image-rendering: auto; }
figure > img { image-rendering: pixelated; }
.stack { position: relative; }
.stack .overlay { position: absolute; inset: 0; }
label { display: flex; gap: .6rem; align-items: center; margin-top: .7rem; font-size: .85rem; color: var(--muted); }
label input { flex: 1; min-width: 0; accent-color: var(--accent); }
.legend { height: .6rem; border-radius: .3rem; margin-top: .9rem; border: 1px solid var(--line); }
.ends { display: flex; justify-content: space-between; font-size: .8rem; color: var(--muted); margin-top: .25rem; }
.scores { list-style: none; margin: 0; padding: 0; }
.scores li { display: flex; flex-wrap: wrap; justify-content: space-between; margin-bottom: .9rem; color: var(--muted); }
.scores .explained { color: var(--ink); font-weight: 600; }
.bar { flex: 0 0 100%; height: .5rem; border-radius: .25rem; background: var(--line); margin-top: .2rem; overflow: hidden; }
.bar div { height: 100%; border-radius: .25rem; background: var(--bar); }
.explained .bar div { background: var(--accent); }
.method, footer { font-size: .85rem; color: var(--muted); }
.method { margin: 1.1rem 0 0; }
pre { background: var(--line); padding: .7rem .9rem; border-radius: .35rem; font-size: .85rem; margin: 0 0 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.next p { margin-bottom: .3rem; }
footer { margin-top: 2.5rem; padding-top: 1.2rem; border-top: 1px solid var(--line); }
footer p { margin: 0 0 .3rem; }
.method, footer p { overflow-wrap: anywhere; }
@media print {
  @page { margin: 16mm; }
  body { font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  h2 { break-after: avoid; }
  .panels { grid-template-columns: repeat(3, 1fr); break-inside: avoid; }
  label { display: none; }
}
`;
