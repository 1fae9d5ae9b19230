import { Ears } from './hears.ts'

const ears = new Ears('botkit')

ears.hears(/^(?:hello|hi)\b/i, async (talk) => {
  await talk.say('hello yourself')
})

ears.hears(/^call me (.+)$/i, async (talk) => {
  const [name = ''] = talk.matches
  const sure = await talk.ask(`you want me to call you ${name}?`)
  await talk.say(/^y/i.test(sure) ? `nice to meet you, ${name}` : 'never mind')
})

ears.hears(/^pizza\b/i, async (talk) => {
  const size = await talk.ask('what size?')
  const topping = await talk.ask('with what on it?')
  const where = await talk.ask('where shall it go?')
  await talk.say(`a ${size} pizza with ${topping} is on its way to ${where}`)
})

/** Says hello, learns names and takes orders. */
export const bot = ears.worker
