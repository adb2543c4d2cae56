import { useEffect, useMemo, useRef, useState } from 'preact/hooks';

/** A mark that says its value. */
interface SpokenMark {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

/** So far from a mark, in pixels, its value is still read. */
const reach = 40;

/** A chart that the worker drew: the value of the mark that is nearest to the pointer, or that arrow keys went to, is said below it. */
export function Chart({
  svg,
  stale,
  label,
}: {
  readonly svg: string;
  readonly stale: boolean;
  /** What it shows, which tells it from others of a page. */
  readonly label: string;
}) {
  const place = useRef<HTMLDivElement>(null);
  const marks = useRef<readonly SpokenMark[]>([]);
  const [at, setAt] = useState<SpokenMark>();
  const drawn = useMemo(() => new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement, [svg]);
  useEffect(() => {
    const element = document.importNode(drawn, true);
    // What a browser would say of marks after a while is said at once.
    const spoken = [...element.querySelectorAll('title')].map((title) => {
      const mark = title.parentElement!;
      const text = title.textContent ?? '';
      title.remove();
      return { mark, text };
    });
    place.current?.replaceChildren(element);
    const { left, top } = element.getBoundingClientRect();
    marks.current = spoken
      .map(({ mark, text }) => {
        const box = mark.getBoundingClientRect();
        return { x: box.left + box.width / 2 - left, y: box.top + box.height / 2 - top, text };
      })
      .sort((a, b) => a.x - b.x || a.y - b.y);
    // What is drawn anew under a pointer is read at the same place.
    setAt((before) => before && nearest(before.x, before.y));
  }, [drawn]);
  const nearest = (x: number, y: number): SpokenMark | undefined => {
    let best: SpokenMark | undefined;
    let least = reach ** 2;
    for (const mark of marks.current) {
      const distance = (mark.x - x) ** 2 + (mark.y - y) ** 2;
      if (distance < least) [best, least] = [mark, distance];
    }
    return best;
  };
  const step = (by: number) => {
    const all = marks.current;
    const now = at ? all.indexOf(at) : by > 0 ? -1 : all.length;
    setAt(all[Math.max(0, Math.min(all.length - 1, now + by))]);
  };
  return (
    <div class={`chart ${stale ? 'stale-chart' : ''}`} aria-busy={stale}>
      <section
        class="chart-stage"
        aria-label={`${label}; arrow keys go from value to value`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the keys.
        tabIndex={0}
        onPointerMove={({ clientX, clientY }) => {
          const { left, top } = place.current!.firstElementChild!.getBoundingClientRect();
          setAt(nearest(clientX - left, clientY - top));
        }}
        onPointerLeave={() => setAt(undefined)}
        onKeyDown={(event) => {
          const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
          if (by === undefined) return;
          event.preventDefault();
          step(by);
        }}
      >
        <div ref={place} />
        {at && <span class="chart-at" style={{ left: `${at.x}px`, top: `${at.y}px` }} aria-hidden="true" />}
      </section>
      <p class="reading" aria-live="polite">
        {at?.text ?? 'Point at a curve for its value.'}
      </p>
    </div>
  );
}
