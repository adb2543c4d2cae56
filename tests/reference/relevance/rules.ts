import type { NdArray } from '../array.ts';
import { type Connection, type LinearLayer, shared } from './linear.ts';

/** The rules as their papers (and spec/lrp.md, for the original's quirks) write them, one connection at a time. */
type Rule = (layer: LinearLayer, relevance: NdArray) => NdArray;

const xOf = ({ x }: LinearLayer, { i }: Connection): number => (i === undefined ? 0 : x.data[i]);
const positive = (v: number): number => Math.max(0, v);
const negative = (v: number): number => Math.min(0, v);
const sum = (list: readonly Connection[], f: (c: Connection) => number): number =>
  list.reduce((total, c) => total + f(c), 0);

/** z_j = Σ x_i w_ij + b_j; R_i = x_i Σ_j w_ij R_j / (z_j + ε sign z_j); at z_j = 0 perhaps s_j = R_j. */
export const epsilon =
  (e: number, passAtZero = false): Rule =>
  (layer, relevance) =>
    shared(layer, relevance, (j) => {
      const z = sum(layer.connections[j], (c) => xOf(layer, c) * c.w) + layer.bias[j];
      const stable = z === 0 && passAtZero ? 1 : z + (z < 0 ? -e : e);
      return (c) => (xOf(layer, c) * c.w * relevance.data[j]) / stable;
    });

/** R_i = Σ_j (α z⁺_ij / z⁺_j − β z⁻_ij / z⁻_j) R_j; a term whose denominator is 0 is 0. */
export const alphaBeta =
  (alpha: number, beta: number, groups: 'own' | 'first' = 'own', withBias = true): Rule =>
  (layer, relevance) =>
    shared(layer, relevance, (j) => {
      const b = withBias ? (groups === 'own' ? layer.bias : layer.firstGroupBias)[j] : 0;
      const up = sum(layer.connections[j], (c) => positive(xOf(layer, c) * c.w)) + positive(b);
      const down = sum(layer.connections[j], (c) => negative(xOf(layer, c) * c.w)) + negative(b);
      return (c) => {
        const z = xOf(layer, c) * c.w;
        const plus = up === 0 ? 0 : (alpha * positive(z)) / up;
        const minus = down === 0 ? 0 : (beta * negative(z)) / down;
        return (plus - minus) * relevance.data[j];
      };
    });

/** The same with ε times the root mean square of an image's z. */
export const relativeEpsilon =
  (e: number): Rule =>
  (layer, relevance) => {
    const z = layer.connections.map((list, j) => sum(list, (c) => xOf(layer, c) * c.w) + layer.bias[j]);
    const perImage = z.length / relevance.shape[0];
    return shared(layer, relevance, (j) => {
      const first = Math.floor(j / perImage) * perImage;
      const image = z.slice(first, first + perImage);
      const scale = Math.sqrt(image.reduce((total, v) => total + v * v, 0) / perImage);
      return (c) => (xOf(layer, c) * c.w * relevance.data[j]) / (z[j] + (z[j] < 0 ? -e : e) * scale);
    });
  };

/** R_i = Σ_j |x_i w_ij| / (Σ |x_i w_ij| + |b_j|) R_j. */
export const absolute: Rule = (layer, relevance) =>
  shared(layer, relevance, (j) => {
    const total = sum(layer.connections[j], (c) => Math.abs(xOf(layer, c) * c.w)) + Math.abs(layer.bias[j]);
    return (c) => (total === 0 ? 0 : (Math.abs(xOf(layer, c) * c.w) / total) * relevance.data[j]);
  });

/** The same to every input of the window; the original divides by the kernel's cells and forgets the channels. */
export const flat =
  (original: boolean): Rule =>
  (layer, relevance) =>
    shared(layer, relevance, (j) => {
      const seen = layer.connections[j].filter(({ i }) => i !== undefined).length;
      return () => relevance.data[j] / (original ? layer.flatCells : seen);
    });

/** R_i = Σ_j w_ij² / Σ_i' w_i'j² R_j; the original's sum has the window's cells on padding, too. */
export const wSquare =
  (original: boolean): Rule =>
  (layer, relevance) =>
    shared(layer, relevance, (j) => {
      const counted = layer.connections[j].filter(({ i }) => original || i !== undefined);
      const total = sum(counted, ({ w }) => w * w);
      return ({ w }) => (total === 0 ? 0 : ((w * w) / total) * relevance.data[j]);
    });

/** The γ rule with w + γ w⁺ where everything is positive, generalised to both signs of inputs and outputs. */
export const gamma =
  (g: number, e = 1e-6): Rule =>
  (layer, relevance) =>
    shared(layer, relevance, (j) => {
      const list = layer.connections[j];
      const y = sum(list, (c) => xOf(layer, c) * c.w) + layer.bias[j];
      const favoured = y < 0 ? negative : positive;
      // Contributions of the output's own sign count 1 + γ times.
      const contribution = (z: number) => z + g * favoured(z);
      const z = sum(list, (c) => contribution(xOf(layer, c) * c.w)) + contribution(layer.bias[j]);
      return (c) => (contribution(xOf(layer, c) * c.w) * relevance.data[j]) / (z + (z < 0 ? -e : e));
    });

/** w + γ w⁺ for every input. */
export const plainGamma =
  (g: number, e = 1e-6): Rule =>
  (layer, relevance) =>
    shared(layer, relevance, (j) => {
      const changed = (w: number) => w + g * positive(w);
      const z = sum(layer.connections[j], (c) => xOf(layer, c) * changed(c.w)) + changed(layer.bias[j]);
      return (c) => (xOf(layer, c) * changed(c.w) * relevance.data[j]) / (z + (z < 0 ? -e : e));
    });

/** With bounds per input element. The original: positive bias in the denominator, padding from 0 to 255. */
export const zBox =
  (low: NdArray, high: NdArray, original: boolean): Rule =>
  (layer, relevance) =>
    shared(layer, relevance, (j) => {
      const contribution = (c: Connection) => {
        const [l, h] = c.i === undefined ? (original ? [0, 255] : [0, 0]) : [low.data[c.i], high.data[c.i]];
        return xOf(layer, c) * c.w - positive(c.w) * l + positive(-c.w) * h;
      };
      const bias = original ? positive(layer.firstGroupBias[j]) : 0;
      const z = sum(layer.connections[j], contribution) + bias;
      const stable = original ? (Math.abs(z) > 1e-12 ? z : 1) : z + (z < 0 ? -1e-6 : 1e-6);
      return (c) => (contribution(c) * relevance.data[j]) / stable;
    });
