export { dataLists } from './lists.ts';
export { type DataMeanResult, dataMean } from './mean.ts';
export {
  type DataListsRequest,
  type DataLmdbRequest,
  type DataMeanRequest,
  type DataShowRequest,
  type DataSquareRequest,
  dataListsRequest,
  dataLmdbRequest,
  dataMeanRequest,
  dataShowRequest,
  dataSquareRequest,
} from './request.ts';
export { type DataShowResult, dataShow, type LabelCounts } from './show.ts';
