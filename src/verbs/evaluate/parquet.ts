import { ANSWERS_FILE, type Result } from '../../evaluation/index.ts';
import type { Host } from '../host.ts';
import { tableColumns, writeParquet } from '../parquet.ts';

/** The table of a result's answers. */
export const answersIn = (folder: string, { files }: Host): string => files.join(folder, ANSWERS_FILE);

/** Writes `answers.parquet` beside `answers.csv`, if it is asked for. */
export async function writeAnswersParquet(
  folder: string,
  { info }: Result,
  asked: { readonly parquet: boolean },
  host: Host,
): Promise<void> {
  const { named, others } = tableColumns.answers;
  const truth = info.model.head.kind === 'classes' ? 'whole' : 'number';
  await writeParquet(answersIn(folder, host), { named: { ...named, truth }, others }, asked, host);
}
