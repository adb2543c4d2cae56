import type { Config } from 'vega-lite';

/** Colours of everything in a chart that carries no data. A page replaces them by its own, light or dark. */
export const chrome = { ink: '#18202b', muted: '#667080', line: '#dfe3e9', paper: '#ffffff' } as const;

/** What lies behind charts that stand alone. */
export const PAPER = chrome.paper;

/** One hue for amounts; cells grow more opaque with them, so that they suit light and dark paper alike. */
export const accent = '#1f5da8';

/**
 * Colours of models and other kinds, told apart also by people who confuse red and green: lightness differs as well
 * as hue. All stand out from white and from near-black by at least 3 : 1 (WCAG 2, 1.4.11).
 */
export const palette = [
  '#2f6db5',
  '#d0662a',
  '#0f9484',
  '#a65bb5',
  '#a3821a',
  '#77808f',
  '#c74a6a',
  '#5a8f3d',
];

/** Font sizes in pixels. */
export const sizes = { label: 12, value: 11.5, note: 10, title: 14 } as const;

const text = { labelFontSize: sizes.label, titleFontSize: sizes.label };

/** An axis of shares, written as `50 %`. */
export const percentAxis = { labelExpr: "round(datum.value * 100) + ' %'", tickCount: 5 } as const;

/** The look that all charts share. */
export const theme: Config = {
  // One description says what a chart shows; a mark has one of its own where it says its value to who points at it.
  aria: false,
  background: 'transparent',
  font: 'sans-serif',
  padding: 4,
  view: { stroke: null },
  range: { category: palette },
  title: { anchor: 'start', color: chrome.ink, fontSize: sizes.title, fontWeight: 600, offset: 12 },
  axis: {
    ...text,
    labelColor: chrome.muted,
    titleColor: chrome.muted,
    titleFontWeight: 'normal',
    titlePadding: 10,
    labelLimit: 0,
    labelPadding: 6,
    domain: false,
    ticks: false,
    gridColor: chrome.line,
    gridWidth: 1,
  },
  header: { ...text, labelColor: chrome.ink, titleColor: chrome.muted, labelFontWeight: 600 },
  legend: {
    ...text,
    orient: 'top',
    direction: 'horizontal',
    labelColor: chrome.ink,
    labelLimit: 0,
    title: null,
    symbolType: 'circle',
    symbolOpacity: 1,
    columnPadding: 18,
  },
};
