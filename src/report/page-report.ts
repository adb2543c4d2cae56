import { blockHtml, type PageBlock } from './page-blocks.ts';
import { sortScript } from './page-script.ts';
import { reportStyle } from './page-style.ts';
import { escapeHtml, proseHtml } from './page-text.ts';

export interface ReportSection {
  readonly title: string;
  /** What stands in the line of links; the title unless given. */
  readonly short?: string;
  readonly text?: string;
  readonly blocks: readonly PageBlock[];
}

export interface ReportPage {
  readonly title: string;
  readonly lead: string;
  readonly sections: readonly ReportSection[];
  readonly footer: string;
  /** For programs that read the page: data ready for JSON, in a script element of this id that no browser runs. */
  readonly data?: { readonly id: string; readonly value: unknown };
}

/**
 * A report as one HTML document that opens offline: nothing is loaded, pictures and charts are in it, the only script
 * sorts tables, and a policy in the document forbids all else. Every text is escaped; charts' SVG is taken as it is.
 */
export function reportPage({ title, lead, sections, footer, data }: ReportPage): string {
  const links = sections.map(
    (section, i) => `<li><a href="#s${i + 1}">${escapeHtml(section.short ?? section.title)}</a></li>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${reportStyle}</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)}</h1>
<p class="lead">${proseHtml(lead)}</p>
</header>
<nav aria-label="Sections"><ul>${links.join('')}</ul></nav>
<main>
${sections.map(sectionHtml).join('\n')}
</main>
${data ? `<script type="application/json" id="${escapeHtml(data.id)}">${JSON.stringify(data.value).replaceAll('<', '\\u003c')}</script>\n` : ''}<footer><p>${escapeHtml(footer)}</p></footer>
<script>${sortScript}</script>
</body>
</html>
`;
}

const sectionHtml = ({ title, text, blocks }: ReportSection, i: number): string =>
  `<section id="s${i + 1}" aria-labelledby="t${i + 1}">
<h2 id="t${i + 1}">${escapeHtml(title)}</h2>
${text ? `<p>${proseHtml(text)}</p>` : ''}
${blocks.map((block, j) => blockHtml(block, `b${i + 1}-${j + 1}`)).join('\n')}
</section>`;
