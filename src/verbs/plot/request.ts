import * as v from 'valibot';
import { list, names, whole } from '../request.ts';

/** What {@link plot} is asked. */
export const plotRequest = v.strictObject({
  /** Run folders of trainings, logs of limn's or Caffe's, `.csv` files. */
  runs: names,
  /** Where to: `.svg` or `.png` for a picture, `.html` for a page. */
  output: v.string(),
  /** What to draw: loss, accuracy, rate, or whatever the networks put out, by parts of their names. */
  what: v.optional(list(v.string()), []),
  /** Against what, in a picture. */
  x: v.optional(v.picklist(['iteration', 'time']), 'iteration'),
  /** Running means over so many lines of the log; 0 for none; by its length unless given. */
  smooth: v.optional(whole()),
  /** The title; the run's name, or how many there are, unless given. */
  title: v.optional(v.string()),
});

/** What {@link plot} is asked; a field with a question mark may be left out. */
export type PlotRequest = v.InferInput<typeof plotRequest>;
