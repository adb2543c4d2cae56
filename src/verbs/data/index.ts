export { type DataAdienceResult, dataAdience } from './adience.ts';
export { type DataJoinResult, dataJoin } from './join.ts';
export { dataLists } from './lists.ts';
export { type DataMeanResult, dataMean, dataMeans } from './mean.ts';
export {
  type DataAdienceRequest,
  type DataJoinRequest,
  type DataListsRequest,
  type DataLmdbRequest,
  type DataMeanRequest,
  type DataMeansRequest,
  type DataSampleRequest,
  type DataShowRequest,
  type DataSquareRequest,
  dataAdienceRequest,
  dataJoinRequest,
  dataListsRequest,
  dataLmdbRequest,
  dataMeanRequest,
  dataMeansRequest,
  dataSampleRequest,
  dataShowRequest,
  dataSquareRequest,
} from './request.ts';
export { type DataSampleResult, dataSample } from './sample.ts';
export { type DataShowResult, dataShow, type LabelCounts } from './show.ts';
