import type { SeenFinding } from '../parts/pin.tsx';
import { firstVisit } from '../state/firstvisit.ts';
import { pathWithHash } from '../state/link.ts';

/**
 * What the notebook keeps of a step of the tour: its pictures with their squares, what is said under them and of them, and what
 * the network answers. Read off the page, so that it is what the class has seen, whatever the step is about.
 */
export async function seenOfStep(
  main: HTMLElement,
  title: string,
  elsewhere: { readonly command: string; readonly program: string } | undefined,
): Promise<SeenFinding> {
  const pictures = [...main.querySelectorAll<Drawn>('canvas.picture, img.picture')].filter(
    (drawn) => !drawn.closest('.legend'),
  );
  const captions = pictures.map(
    (drawn) => [nameOf(drawn), textOf(drawn.closest('figure')?.querySelector('figcaption'))] as const,
  );
  const numbers = [...main.querySelectorAll('dl > div')].map(
    (each) => [textOf(each.querySelector('dt')), textOf(each.querySelector('dd'))] as const,
  );
  const said = [...main.querySelectorAll('.answer, [role=status]')].map(
    (each) =>
      [
        textOf(each.closest('.teach-words, .teach-methods > li')?.querySelector('h2, figcaption')),
        each.matches('.answer') ? [...each.children].map(wordsOf).join('; ') : textOf(each),
      ] as const,
  );
  return {
    title: `Teach: ${title}`,
    facts: [
      ...captions.filter(([name, text]) => text !== '' && text !== name),
      ...said,
      ...numbers,
      ['photo', await pathWithHash(firstVisit.photo)],
      ['network', await pathWithHash(firstVisit.model)],
    ],
    pictures: pictures.map((drawn) => ({ source: withSquares(drawn), alt: nameOf(drawn) })),
    ...elsewhere,
  };
}

type Drawn = HTMLCanvasElement | HTMLImageElement;

const textOf = (element: Element | null | undefined): string =>
  (element?.textContent ?? '').replace(/\s+/g, ' ').trim();

/** The parts of an answer stand beside each other without a space. */
const wordsOf = (element: Element): string => [...element.children].map(textOf).join(' ');

const nameOf = (drawn: Drawn): string => drawn.getAttribute('aria-label') ?? drawn.getAttribute('alt') ?? '';

/** So wide that the outline of a square is a line, not a shade; in pixels. */
const leastWidth = 320;

/** A picture as a PNG in a `data:` URL, with the squares that lie on it. */
function withSquares(drawn: Drawn): string {
  const [width, height] =
    drawn instanceof HTMLImageElement
      ? [drawn.naturalWidth, drawn.naturalHeight]
      : [drawn.width, drawn.height];
  const canvas = document.createElement('canvas');
  const times = Math.max(1, Math.ceil(leastWidth / width));
  [canvas.width, canvas.height] = [times * width, times * height];
  const context = canvas.getContext('2d');
  if (!context) throw new Error('the browser gives no canvas to draw on');
  context.imageSmoothingEnabled = false;
  context.drawImage(drawn, 0, 0, canvas.width, canvas.height);
  const part = (share: string, of: number) => (Number.parseFloat(share) / 100) * of;
  for (const square of drawn.closest('.marked')?.querySelectorAll<HTMLElement>('.marked-square') ?? []) {
    const { style } = square;
    const dashes = square.matches('.marked-most') ? [canvas.width / 40, canvas.width / 40] : [];
    // White on black: seen on any photo.
    for (const [color, thick] of [
      ['#000000', 3],
      ['#ffffff', 1.5],
    ] as const) {
      context.strokeStyle = color;
      context.lineWidth = (thick * canvas.width) / 200;
      context.setLineDash(dashes);
      context.strokeRect(
        part(style.left, canvas.width),
        part(style.top, canvas.height),
        part(style.width, canvas.width),
        part(style.height, canvas.height),
      );
    }
  }
  return canvas.toDataURL('image/png');
}
