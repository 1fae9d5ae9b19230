/** What a machine answers to one input: its next state and what the world must do, in order. */
export interface Step<State, Effect> {
  readonly state: State
  readonly effects: readonly Effect[]
}

/**
 * A connection machine. Pure: the same state, input and random number always give the same answer; it reads no
 * clock, opens no socket, throws nothing. `random` is one number in [0, 1), drawn afresh for each input.
 */
export type Machine<State, Input, Effect> = (
  state: State,
  input: Input,
  random: number,
) => Step<State, Effect>

/** Two steps taken as one: `then` goes on from where `first` arrived. */
export function merge<State, Effect>(
  first: Step<State, Effect>,
  then: (state: State) => Step<State, Effect>,
): Step<State, Effect> {
  const second = then(first.state)
  return { state: second.state, effects: [...first.effects, ...second.effects] }
}
