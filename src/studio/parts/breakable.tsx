import { Fragment } from 'preact';

/** Behind what people read as the end of a word in a name: `inception_5b/`, `Layer` of `LayerNormalization`. */
const wordEnds = /(?<=[/_.:])(?=.)|(?<=[a-z])(?=[A-Z])/;

/** A name of a layer or an operator, broken between its words where there is no room for all of it. */
export const Breakable = ({ text }: { readonly text: string }) => (
  <>
    {text.split(wordEnds).map((word, i) => (
      <Fragment key={i}>
        {i > 0 && <wbr />}
        {word}
      </Fragment>
    ))}
  </>
);
