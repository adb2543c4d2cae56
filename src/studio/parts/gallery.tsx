import { useEffect, useRef, useState } from 'preact/hooks';
import { useVirtualRows } from './virtual.ts';
import { useWidth } from './width.ts';

/** Pixels that a picture takes at least, and between two. */
const least = 104;
const gap = 8;
/** Of the words under a picture. */
const words = 40;

/** Pictures in rows, however many: only those that are near what is seen are there. One of them is chosen. */
export function Gallery({
  count,
  chosen,
  label,
  cell,
  titleOf,
  onChoose,
}: {
  readonly count: number;
  /** The place of the one that is chosen, if it is among them. */
  readonly chosen: number | undefined;
  readonly label: string;
  /** What is drawn at a place, in so many pixels. */
  cell(place: number, side: number): preact.ComponentChild;
  /** What is there, in words. */
  titleOf(place: number): string;
  onChoose(place: number): void;
}) {
  const scrolled = useRef<HTMLDivElement>(null);
  const width = useWidth(scrolled);
  const columns = Math.max(1, Math.floor((width + gap) / (least + gap)));
  const side = Math.floor((width + gap) / columns) - gap;
  const height = side + words + gap;
  const { items, total, scrollTo } = useVirtualRows(scrolled, Math.ceil(count / columns), height);
  const [at, setAt] = useState(0);
  const place = Math.max(0, Math.min(at, count - 1));
  // What is chosen elsewhere, or by the page's address, comes into view.
  useEffect(() => {
    if (chosen === undefined || width === 0) return;
    setAt(chosen);
    scrollTo(Math.floor(chosen / columns));
  }, [chosen, width > 0]);
  const step = (key: string): number | undefined => {
    const page = Math.max(1, Math.floor((scrolled.current?.clientHeight ?? 0) / height)) * columns;
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: place - 1,
      ArrowRight: place + 1,
      ArrowUp: place - columns,
      ArrowDown: place + columns,
      PageUp: place - page,
      PageDown: place + page,
      Home: 0,
      End: count - 1,
    };
    const next = steps[key];
    return next === undefined ? undefined : Math.max(0, Math.min(next, count - 1));
  };
  return (
    <div
      ref={scrolled}
      class="gallery"
      style={{ '--all': `${total}px` }}
      role="listbox"
      tabIndex={0}
      aria-label={label}
      {...(count > 0 && { 'aria-activedescendant': `gallery-${place}` })}
      onKeyDown={(event) => {
        if (event.key === 'Enter' || event.key === ' ') {
          event.preventDefault();
          if (count > 0) onChoose(place);
          return;
        }
        const next = step(event.key);
        if (next === undefined) return;
        event.preventDefault();
        setAt(next);
        scrollTo(Math.floor(next / columns));
      }}
    >
      <div class="gallery-all" role="presentation" style={{ '--height': `${total}px` }}>
        {width > 0 &&
          items.flatMap(({ index, start }) =>
            Array.from({ length: Math.min(columns, count - index * columns) }, (_, column) => {
              const each = index * columns + column;
              return (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the keys, as of all its options
                // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus
                <div
                  key={each}
                  id={`gallery-${each}`}
                  class={`gallery-cell ${each === place ? 'gallery-at' : ''}`}
                  role="option"
                  aria-selected={each === chosen}
                  aria-posinset={each + 1}
                  aria-setsize={count}
                  title={titleOf(each)}
                  style={{
                    '--at': `${column * (side + gap)}px ${start}px`,
                    '--width': `${side}px`,
                    '--height': `${height - gap}px`,
                  }}
                  onClick={() => {
                    setAt(each);
                    onChoose(each);
                  }}
                >
                  {cell(each, side)}
                </div>
              );
            }),
          )}
      </div>
    </div>
  );
}
