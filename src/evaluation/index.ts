export { SHARD_FILE } from '../common/shard.ts';
export * from './calibration.ts';
export * from './comparison/index.ts';
export * from './confusion.ts';
export * from './doctor/index.ts';
export * from './folds.ts';
export * from './journal.ts';
export * from './labels.ts';
export * from './measures.ts';
export * from './predict.ts';
export * from './prediction.ts';
export * from './published.ts';
export * from './result.ts';
export {
  ANSWERS_FILE,
  INFO_FILE,
  isResult,
  isResultShard,
  readResult,
  readResultInfo,
  readResultShard,
  resultFiles,
  UNFINISHED_FILE,
  writeResult,
  writeResultShard,
} from './store.ts';
export * from './survey.ts';
export { answerColumns, answerLine, type Columns, headerLine, parseAnswers } from './table.ts';
