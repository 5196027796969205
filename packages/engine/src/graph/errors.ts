/** Why a step cannot become a graph. */

/** An op or a type that cannot become part of a graph; the step can still run eagerly. */
export class CannotRecord extends Error {
  override name = 'CannotRecord';
}

/** A tensor's data were asked for while recording: the answer would be frozen into the graph. */
export class ReadWhileRecording extends Error {
  override name = 'ReadWhileRecording';
}
