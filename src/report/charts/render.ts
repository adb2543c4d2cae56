import type { TopLevelSpec } from 'vega-lite';
import { printableLines } from '../../common/quoted.ts';
import { escapeXml, textPath, textWidth } from '../../image/figure/text.ts';

/** Height of a capital letter of a sans-serif font per unit of font size; limn's own letters are drawn to it. */
const CAPITAL = 0.72;

/** How much wider than limn's own letters those of a reader's font may be. */
const WIDEST = 1.17;

export interface RenderOptions {
  /**
   * Letters as `text` in the reader's font, for a page, or as `paths`, for a file that looks the same everywhere;
   * `paths` unless given.
   */
  readonly letters?: 'text' | 'paths';
  /** What lies behind the chart; nothing unless given. */
  readonly background?: string;
  /** Put before every id, so that several charts can stand in one page. */
  readonly id?: string;
}

/**
 * A chart as a self-contained SVG element. Needs no browser, canvas or font: letters are measured as limn draws them.
 * Errors: what Vega-Lite says of a specification that is none.
 */
export async function chartSvg(spec: TopLevelSpec, options: RenderOptions = {}): Promise<string> {
  const { letters = 'paths', background, id = '' } = options;
  // They are large: loaded once something is drawn.
  const [vega, { compile }, { expressionInterpreter }] = await Promise.all([
    import('vega'),
    import('vega-lite'),
    import('vega-interpreter'),
  ]);
  // Vega's type declarations leave out what it measures text with.
  const { textMetrics } = vega as unknown as {
    textMetrics: { width: (item: TextItem, text: unknown) => number };
  };
  // Without a canvas Vega takes all letters to be equally wide, and with one it measures a font of this machine.
  textMetrics.width = (item, text) =>
    textWidth(String(text), metricsOf(item)) * (letters === 'text' ? WIDEST : 1);
  vega.resetSVGDefIds();
  // Expressions are interpreted: pages of a careful host allow no code that is made of text.
  const runtime = vega.parse(compile(withoutKeys(spec)).spec, undefined, { ast: true });
  const view = new vega.View(runtime, { renderer: 'none', expr: expressionInterpreter });
  const drawn = tidy(await view.toSVG());
  view.finalize();
  const svg = letters === 'paths' ? drawn.replace(textElement, pathsOf) : drawn;
  const { description = '' } = spec;
  const paper = background ? `<rect width="100%" height="100%" fill="${background}"/>` : '';
  return svg
    .replace(/<svg [^>]*?(width="[^"]*" height="[^"]*" viewBox="[^"]*")>/, (_, size) => {
      return `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escapeXml(String(description))}" ${size}>${paper}`;
    })
    .replace(/id="(clip|gradient)/g, `id="${id}$1`)
    .replace(/url\(#/g, `url(#${id}`);
}

const objectKeys = new Set(Object.getOwnPropertyNames(Object.prototype));

/**
 * Vega looks strings up in plain objects and takes a model called `valueOf` for what every object has: such names get
 * a space after them, which is not drawn. Control characters, which its SVG would hold as they are, are written out.
 */
const withoutKeys = (spec: TopLevelSpec): TopLevelSpec =>
  JSON.parse(JSON.stringify(spec), (_, value: unknown) =>
    typeof value !== 'string' ? value : objectKeys.has(value) ? `${value} ` : printableLines(value),
  ) as TopLevelSpec;

interface TextItem {
  readonly fontSize?: number;
  readonly fontWeight?: number | string | undefined;
}

const metricsOf = ({ fontSize = 11, fontWeight }: TextItem) =>
  ({
    size: fontSize * CAPITAL,
    weight: fontWeight === 'bold' || Number(fontWeight) >= 600 ? 'bold' : 'regular',
  }) as const;

/** Vega's output without what draws nothing, coordinates to a hundredth of a pixel; numbers in words stay as they are. */
const tidy = (svg: string): string =>
  svg
    // What a mark says of itself is shown to who points at it.
    .replace(
      /<(path|rect|line)((?: [a-z-]+="[^"]*")*?) aria-label="([^"]*)"((?: [a-z-]+="[^"]*")*)\/>/g,
      '<$1$2$4><title>$3</title></$1>',
    )
    .replace(/ (?:class|aria-[a-z]+|role|pointer-events)="[^"]*"/g, '')
    .replace(/<path d="[^"]*"(?: display="none")?\/>/g, '')
    .replace(/<text[^>]*\/>/g, '')
    .replace(/ opacity="1"/g, '')
    .replace(/<[^>]+>/g, (tag) => tag.replace(/(\d\.\d\d)\d+/g, '$1'));

const textElement = /<text([^>]*)>(.*?)<\/text>/gs;

/** A `text` element as strokes; its lines are `tspan` elements where there are several. */
function pathsOf(_: string, attributes: string, content: string): string {
  const attribute = (name: string) => new RegExp(` ${name}="([^"]*)"`).exec(attributes)?.[1];
  const style = {
    ...metricsOf({
      fontSize: Number.parseFloat(attribute('font-size') ?? '11'),
      fontWeight: attribute('font-weight'),
    }),
    colour: attribute('fill') ?? '#000000',
    anchor: (attribute('text-anchor') ?? 'start') as 'start' | 'middle' | 'end',
  };
  let y = 0;
  const spans = [...content.matchAll(/<tspan([^>]*)>(.*?)<\/tspan>/gs)];
  const lines = spans.length > 0 ? spans : [['', '', content]];
  const drawn = lines.map(([, shift, line]) => {
    y += Number(/ dy="([^"]*)"/.exec(shift)?.[1] ?? 0);
    return textPath(unescaped(line), 0, y, style);
  });
  const opacity = attribute('opacity');
  const kept = ` transform="${attribute('transform') ?? ''}"${opacity ? ` opacity="${opacity}"` : ''}`;
  // The description of the whole chart says what the words say.
  return `<g${kept}>${drawn.join('').replace(/ role="img" aria-label="[^"]*"/g, '')}</g>`;
}

const unescaped = (xml: string): string =>
  xml
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#(x?)([\da-f]+);/gi, (_, hex, code) =>
      String.fromCodePoint(Number.parseInt(code, hex ? 16 : 10)),
    )
    .replace(/&amp;/g, '&');
