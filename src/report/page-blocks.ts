import { escapeHtml, proseHtml } from './page-text.ts';

/** A cell: its text, and what it is sorted by where that is not the text. */
export interface PageCell {
  readonly text: string;
  readonly sort?: number;
  /** The best of its kind; drawn bold. */
  readonly best?: boolean;
  /** Small print under the text: an interval. */
  readonly note?: string;
}

export interface PageTable {
  readonly caption: string;
  readonly columns: readonly { readonly title: string; readonly align?: 'left' | 'right' }[];
  /** The first cell of each row is its heading. */
  readonly rows: readonly (readonly (PageCell | string)[])[];
  /** Sentences below it. */
  readonly notes?: readonly string[];
}

/** A picture of a page, with its text. */
export interface PagePicture {
  /** A data URL. */
  readonly source: string;
  /** In CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly alt: string;
  readonly caption: string;
}

/** A chart, beside others where there is room; `svg` is an element as `pageChart` gives it, `width` in pixels. */
export interface PageChart {
  readonly caption: string;
  readonly width: number;
  readonly svg: string;
}

export interface PageFacts {
  readonly title: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
}

/** A photo that was answered for, and what the model looked at: pictures as URLs of one size. */
export interface PageExample {
  readonly photo: string;
  readonly heatmap: string;
  /** `male, taken for female (97.3 %)`. */
  readonly text: string;
  /** The photo's file. */
  readonly name: string;
}

/** What a section of a report is made of. */
export type PageBlock =
  | { readonly kind: 'text'; readonly paragraphs: readonly string[] }
  /** Sentences; findings stand out, those that are certain more than others. */
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'findings'; readonly findings: readonly { text: string; significant?: boolean }[] }
  | { readonly kind: 'cards'; readonly cards: readonly { label: string; value: string; note?: string }[] }
  | { readonly kind: 'table'; readonly table: PageTable }
  | { readonly kind: 'charts'; readonly charts: readonly PageChart[] }
  | { readonly kind: 'picture'; readonly picture: PagePicture }
  /** Side by side, each as large as it is on its own; data URLs. */
  | {
      readonly kind: 'pictures';
      /** Smooth ones are charts and photos; of others each pixel is seen. */
      readonly pictures: readonly {
        readonly source: string;
        readonly alt: string;
        readonly smooth?: boolean;
      }[];
    }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'examples'; readonly title: string; readonly examples: readonly PageExample[] }
  /** Names with values, in sheets side by side. */
  | { readonly kind: 'facts'; readonly sheets: readonly PageFacts[] };

/** A block as HTML. `id` tells it from others in the page. */
export function blockHtml(block: PageBlock, id: string): string {
  switch (block.kind) {
    case 'text':
      return block.paragraphs.map((text) => `<p>${proseHtml(text)}</p>`).join('\n');
    case 'list':
      return `<ul>${block.items.map((text) => `<li>${proseHtml(text)}</li>`).join('')}</ul>`;
    case 'findings':
      return `<ul class="findings">${block.findings.map(findingHtml).join('')}</ul>`;
    case 'cards':
      return `<dl class="cards">${block.cards.map(cardHtml).join('')}</dl>`;
    case 'table':
      return tableHtml(block.table, id);
    case 'charts':
      return `<div class="charts">${block.charts.map(chartHtml).join('')}</div>`;
    case 'picture':
      return pictureHtml(block.picture);
    case 'pictures':
      return `<div class="side">${block.pictures.map(({ source, alt, smooth }) => `<img${smooth ? ' class="smooth"' : ''} src="${escapeHtml(source)}" alt="${escapeHtml(alt)}">`).join('')}</div>`;
    case 'code':
      return `<pre tabindex="0"><code>${escapeHtml(block.text)}</code></pre>`;
    case 'examples':
      return examplesHtml(block.title, block.examples);
    case 'facts':
      return `<div class="sheets">${block.sheets.map(sheetHtml).join('')}</div>`;
  }
}

const findingHtml = ({ text, significant }: { text: string; significant?: boolean }): string =>
  `<li${significant ? ' class="significant"' : ''}>${proseHtml(text)}</li>`;

const cardHtml = ({ label, value, note }: { label: string; value: string; note?: string }): string =>
  `<div><dt>${escapeHtml(label)}</dt><dd>${proseHtml(value)}</dd>${note ? `<dd class="note">${proseHtml(note)}</dd>` : ''}</div>`;

/** What is wider than its place scrolls there, by keys as well. A group, no region: dozens would hide a page's landmarks. */
const scroller = (label: string, content: string): string =>
  `<div class="scroll" role="group" tabindex="0" aria-label="${escapeHtml(label)}">${content}</div>`;

const chartHtml = ({ caption, width, svg }: PageChart): string =>
  `<figure style="width:${Math.ceil(width)}px">${scroller(caption, svg)}<figcaption>${proseHtml(caption)}</figcaption></figure>`;

function pictureHtml({ source, width, height, alt, caption }: PagePicture): string {
  const image =
    `<img src="${escapeHtml(source)}" alt="${escapeHtml(alt)}" width="${width}" height="${height}" ` +
    `style="min-width:${Math.min(width, 520)}px">`;
  return `<figure class="picture">${scroller(caption, image)}<figcaption>${proseHtml(caption)}</figcaption></figure>`;
}

const examplesHtml = (title: string, examples: readonly PageExample[]): string =>
  `<h3>${escapeHtml(title)}</h3><div class="examples">${examples.map(exampleHtml).join('')}</div>`;

const exampleHtml = ({ photo, heatmap, text, name }: PageExample): string =>
  `<figure><div class="pair"><img src="${escapeHtml(photo)}" alt="the photo"><img src="${escapeHtml(heatmap)}" alt="what the model looked at"></div>` +
  `<figcaption>${proseHtml(text)}<small>${escapeHtml(name)}</small></figcaption></figure>`;

const sheetHtml = ({ title, facts }: PageFacts): string =>
  `<div><h3>${escapeHtml(title)}</h3><dl class="facts">` +
  `${facts.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`).join('')}</dl></div>`;

/** Tables of more rows scroll within themselves on a screen. */
const LONG = 24;

/** A table whose headings are buttons that sort it; without a script it is a plain table. */
function tableHtml({ caption, columns, rows, notes = [] }: PageTable, id: string): string {
  const side = (i: number) => (columns[i]?.align === 'right' ? 'number' : '');
  const head = columns.map(
    ({ title }, i) =>
      `<th scope="col"${side(i) && ' class="number"'}><button type="button">${escapeHtml(title || 'row')}<span class="arrow" aria-hidden="true"></span></button></th>`,
  );
  const body = rows.map((row) => `<tr>${row.map((cell, i) => cellHtml(cell, i, side(i))).join('')}</tr>`);
  // The caption stands outside of what scrolls, so that it is as wide as the page and not as the table.
  return (
    `<p class="caption" id="${id}">${proseHtml(caption)}</p>` +
    `<div class="scroll${rows.length > LONG ? ' long' : ''}" role="group" tabindex="0" aria-labelledby="${id}"><table class="sortable" aria-labelledby="${id}">` +
    `<thead><tr>${head.join('')}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>` +
    (notes.length > 0 ? `<p class="notes">${proseHtml(notes.join(' '))}</p>` : '')
  );
}

function cellHtml(given: PageCell | string, column: number, align: string): string {
  const { text, sort, best, note } = typeof given === 'string' ? ({ text: given } as PageCell) : given;
  // Words break only where there are many of them.
  const long = text.length > (column === 0 ? 18 : 30) ? 'words' : '';
  const classes = [align, long].filter(Boolean).join(' ');
  const name = classes ? ` class="${classes}"` : '';
  const key = sort !== undefined && Number.isFinite(sort) ? ` data-sort="${sort}"` : '';
  const shown = best ? `<strong>${escapeHtml(text)}</strong>` : escapeHtml(text);
  const small = note ? ` <small>${proseHtml(note)}</small>` : '';
  return column === 0
    ? `<th scope="row"${name}${key}>${shown}${small}</th>`
    : `<td${name}${key}>${shown}${small}</td>`;
}
