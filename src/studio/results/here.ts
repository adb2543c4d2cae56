import { useMemo } from 'preact/hooks';
import { fileFinder } from '../parts/findfile.ts';
import type { ShownResult } from '../protocol/index.ts';
import { modelFiles, photoFiles, type StudioFile } from '../state/files.ts';
import { folderOf } from '../state/folder.ts';
import { spreadOver } from './choose.ts';

/** What of a result's files is among those of the page. */
export interface FilesHere {
  /** The network, by its path. */
  readonly model: string | undefined;
  /** The photo of an answer. */
  fileOf(place: number): StudioFile | undefined;
}

export function useFilesHere({ answers, info }: ShownResult): FilesHere {
  const [files, models] = [photoFiles.value, modelFiles.value];
  return useMemo(() => {
    const find = fileFinder(files);
    const beginning = info.data.folder ?? info.data.source.replace(/[^/]*\.\w+$/, '');
    return {
      model: fileFinder(models)(info.model.file, folderOf(info.model.path ?? ''))?.path,
      fileOf: (place) => find(answers.images[place], beginning),
    };
  }, [files, models, answers, info]);
}

/** The photos whose heatmaps are averaged for some answers: in the order of the evaluation, whatever theirs is. */
export const averagedPhotos = (places: readonly number[], { fileOf }: FilesHere): readonly string[] =>
  spreadOver(places.toSorted((a, b) => a - b).flatMap((place) => fileOf(place)?.path ?? []));
