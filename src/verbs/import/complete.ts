import { fail } from '../../common/error.ts';
import {
  fieldsOf,
  type Graph,
  type Head,
  type Model,
  type Preprocessing,
  type PreprocessingFields,
  preprocessingFor,
  type Shape,
} from '../../graph/index.ts';
import { resizeMean } from '../../image/index.ts';
import { infer } from '../../operators/index.ts';
import type { NoteEvent, Watch } from '../verb.ts';

/** Every output of a network whose file does not say what they are: classes, or a number where there is one value. */
export function assumedHeads(graph: Graph): Head[] {
  const { shapes } = infer(graph);
  return graph.outputs.map(({ name }) => ({
    name: graph.outputs.length === 1 ? 'class' : name,
    output: name,
    kind: shapes.get(name)?.[1] === 1 ? 'number' : 'classes',
  }));
}

/** What is said of a network that its file does not say. */
export interface Completion {
  /** What messages call the network: its file. */
  readonly name: string;
  readonly fields: PreprocessingFields;
  /** What holds where `fields` say nothing: files beside the network, before what its own file says. */
  readonly known?: PreprocessingFields | undefined;
  /** What messages call the mean: its file. */
  readonly meanName?: string | undefined;
  readonly labels?: { readonly list: readonly string[]; readonly file: string } | undefined;
  readonly provenance: Readonly<Record<string, string>>;
}

/**
 * A network with what is said of it; tells of what nobody says and is assumed. Errors: an operator that limn does not know; a field
 * that does not fit the network; labels that are more or fewer than the classes.
 */
export function completed(
  { graph, info }: Model,
  completion: Completion,
  { on }: Pick<Watch<NoteEvent>, 'on'>,
): Model {
  // Knows every operator, or says which it does not.
  const { shapes } = infer(graph);
  const preprocessing = preprocessingWith({ graph, info }, completion);
  const provenance = { ...info.provenance, ...completion.provenance };
  const model = { graph, info: { ...info, provenance, ...(preprocessing && { preprocessing }) } };
  const { labels } = completion;
  const labelled = labels ? withLabels(model, shapes, labels.list, labels.file) : model;
  if (preprocessing && !info.preprocessing && !saysValues(completion))
    on?.({ kind: 'note', text: plainValues });
  return labelled;
}

const plainValues =
  'nothing says how pixel values are scaled: 0 to 255 go into the network as they are; many expect a mean and a deviation of their training, or 0 to 1';

/** Whether somebody says what becomes of pixel values, if only that nothing does. */
const saysValues = ({ fields, known }: Completion): boolean =>
  [fields, known].some(
    (said) => said && [said.mean, said.scale, said.std].some((value) => value !== undefined),
  );

/** What the fields say, else what is known, else what the model says; nothing of a network without photos. */
function preprocessingWith(
  { graph, info }: Model,
  { name, fields, known, meanName }: Completion,
): Preprocessing | undefined {
  const [input] = graph.inputs;
  const own = info.preprocessing;
  if (!input) return own;
  const context = {
    name,
    order: 'rgb',
    known: { ...(own && fieldsOf(own)), ...known },
    meanName,
    fitMean: resizeMean,
  } as const;
  return preprocessingFor(input, fields, context) ?? own;
}

/** The model with labels for every output of as many classes. Errors: the first has another number. */
function withLabels(
  model: Model,
  shapes: ReadonlyMap<string, Shape>,
  labels: readonly string[],
  file: string,
): Model {
  const classesOf = (head: Head) => (head.kind === 'classes' ? shapes.get(head.output)?.[1] : undefined);
  const main = model.info.heads.find((head) => head.kind === 'classes');
  if (!main) return fail(file, 'the network has no output of classes to label');
  if (classesOf(main) !== labels.length) {
    fail(
      file,
      `${labels.length} names for the ${classesOf(main)} classes of output '${main.name}'`,
      'one a line',
    );
  }
  const heads = model.info.heads.map((head) =>
    classesOf(head) === labels.length ? { ...head, labels } : head,
  );
  return { ...model, info: { ...model.info, heads } };
}
