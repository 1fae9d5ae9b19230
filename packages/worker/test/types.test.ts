import type { REST } from '@discordjs/rest'
import type { GapData, HoldfastEvent } from '@holdfast/events'
import type { GenericMessageEvent } from '@slack/types'
import type { WebClient } from '@slack/web-api'
import {
  type APIInteraction,
  type GatewayMessageCreateDispatchData,
  MessageFlags,
} from 'discord-api-types/v10'
import { expectTypeOf, test } from 'vitest'
import type { DiscordReply, EventOf, SlackBlockActions, SlackReply } from '../src/index.ts'
import { isDiscordCommand, isDiscordModal, isDiscordPress } from '../src/index.ts'
import { workerBench } from './worker-bench.ts'

const { worker } = workerBench()

test("a Discord event's data is the dispatch's", () => {
  worker.on('discord.MESSAGE_CREATE', (event, ctx) => {
    expectTypeOf(event.data).toEqualTypeOf<GatewayMessageCreateDispatchData>()
    expectTypeOf(event.platform).toEqualTypeOf<'discord'>()
    expectTypeOf(ctx.reply('ahoy')).resolves.toEqualTypeOf<DiscordReply>()
    // @ts-expect-error blocks are Slack's
    void ctx.reply({ blocks: [] })
  })
})

test('an interaction is what Discord says it is, told apart by its type, and its answer may be ephemeral', () => {
  worker.on('discord.INTERACTION_CREATE', (event, ctx) => {
    expectTypeOf(event.data).toEqualTypeOf<APIInteraction>()
    if (event.data.type === 3) expectTypeOf(event.data.data.custom_id).toEqualTypeOf<string>()
    const psst = { content: 'psst', flags: MessageFlags.Ephemeral }
    expectTypeOf(ctx.reply(psst)).resolves.toEqualTypeOf<DiscordReply>()
    void ctx.reply({ content: 'psst', flags: 64 })
  })
})

test('an interaction is told apart by what it is', () => {
  worker.on('discord.INTERACTION_CREATE', (event) => {
    if (isDiscordCommand(event, 'deploy')) expectTypeOf(event.data.data.name).toEqualTypeOf<string>()
    if (isDiscordPress(event)) expectTypeOf(event.data.message.id).toEqualTypeOf<string>()
    if (isDiscordModal(event, 'form')) expectTypeOf(event.data.data.custom_id).toEqualTypeOf<string>()
  })
})

test('of a Slack message every field can be read, and the subtype narrows', () => {
  worker.on('slack.message', (event, ctx) => {
    expectTypeOf(event.data.text).toEqualTypeOf<string | undefined>()
    expectTypeOf(event.data.bot_id).toEqualTypeOf<string | undefined>()
    expectTypeOf(event.data.channel).toEqualTypeOf<string>()
    if (event.data.subtype === 'message_changed') {
      expectTypeOf(event.data.previous_message).not.toBeUndefined()
    }
    if (event.data.subtype === undefined) expectTypeOf(event.data).toExtend<GenericMessageEvent>()
    expectTypeOf(ctx.reply('ahoy')).resolves.toEqualTypeOf<SlackReply>()
    // @ts-expect-error embeds are Discord's
    void ctx.reply({ embeds: [] })
  })
})

test('a gap has its own data', () => {
  worker.on('holdfast.gap', (event) => expectTypeOf(event.data).toEqualTypeOf<GapData>())
})

test('a pattern of a platform gives the union of its types, told apart by the type', () => {
  worker.on('discord.*', (event) => {
    expectTypeOf(event.platform).toEqualTypeOf<'discord'>()
    if (event.type === 'discord.MESSAGE_CREATE') expectTypeOf(event.data.content).toEqualTypeOf<string>()
    if (event.type === 'discord.TYPING_START') expectTypeOf(event.data.user_id).toEqualTypeOf<string>()
  })
})

test("Slack's interactive payloads are typed, and told apart under one pattern", () => {
  worker.on('slack.interactive.block_actions', ({ data }, ctx) => {
    expectTypeOf(data).toEqualTypeOf<SlackBlockActions>()
    expectTypeOf(data.actions[0]?.action_id).toEqualTypeOf<string | undefined>()
    expectTypeOf(data.message?.ts).toEqualTypeOf<string | undefined>()
    expectTypeOf(ctx.reply('pressed')).resolves.toEqualTypeOf<SlackReply>()
  })
  worker.on('slack.interactive.view_submission', ({ data }) => {
    expectTypeOf(data.view.state.values.name?.input?.value).toEqualTypeOf<string | null | undefined>()
    expectTypeOf(data.view.type).toEqualTypeOf<'modal'>()
  })
  worker.on('slack.interactive.*', (event) => {
    if (event.type === 'slack.interactive.shortcut')
      expectTypeOf(event.data.callback_id).toEqualTypeOf<string>()
    if (event.data.type === 'view_closed') expectTypeOf(event.data.is_cleared).toEqualTypeOf<boolean>()
  })
})

test('what is not known is unknown', () => {
  expectTypeOf<EventOf<'slack.brand_new'>>().toEqualTypeOf<HoldfastEvent>()
  expectTypeOf<EventOf<'slack.interactive.dialog_submission'>>().toEqualTypeOf<HoldfastEvent>()
  worker.on('slack.interactive.interactive_message', ({ data }) => expectTypeOf(data).toBeUnknown())
})

test('a step gives what its function gives', () => {
  worker.on('slack.app_mention', async (_, ctx) => {
    expectTypeOf(await ctx.step('count', () => 1)).toEqualTypeOf<number>()
    expectTypeOf(await ctx.step('load', async () => ({ id: 'a' }))).toEqualTypeOf<{ id: string }>()
    expectTypeOf(ctx.slack).toEqualTypeOf<WebClient>()
    expectTypeOf(ctx.discord).toEqualTypeOf<REST>()
  })
})

test("a reply to another event takes that event's message, and gives its reply", () => {
  worker.on('slack.app_mention', (_, ctx) => {
    const press = {} as EventOf<'discord.INTERACTION_CREATE'>
    expectTypeOf(ctx.reply({ embeds: [] }, { to: press })).resolves.toEqualTypeOf<DiscordReply>()
    expectTypeOf(ctx.reply({ blocks: [] }, { name: 'a' })).resolves.toEqualTypeOf<SlackReply>()
    // @ts-expect-error blocks are Slack's
    void ctx.reply({ blocks: [] }, { to: press })
  })
})

test('what is waited for is an event of the pattern, or nothing, and where may name parts of it', () => {
  worker.on('slack.app_mention', async (event, ctx) => {
    const press = await ctx.waitFor('press', 'discord.INTERACTION_CREATE', {
      where: { actor: event.actor ?? 'nobody', data: { data: { custom_id: 'yes' } } },
      timeoutMs: 60_000,
    })
    expectTypeOf(press).toEqualTypeOf<EventOf<'discord.INTERACTION_CREATE'> | undefined>()
    if (press) expectTypeOf(ctx.reply('thanks', { to: press })).resolves.toEqualTypeOf<DiscordReply>()
    const next = await ctx.waitFor('next', 'slack.message')
    expectTypeOf(next?.data.text).toEqualTypeOf<string | undefined>()
    void ctx.waitFor('any', 'slack.brand_new', { where: { subject: '*', data: { whatever: [1] } } })
    // @ts-expect-error a message has a text
    void ctx.waitFor('bad', 'slack.message', { where: { data: { text: 5 } } })
    // @ts-expect-error an event has no such field
    void ctx.waitFor('bad', 'slack.message', { where: { user: 'U1' } })
    expectTypeOf(ctx.sleep('a', 5)).resolves.toBeVoid()
    expectTypeOf(ctx.checkpoint<number>('n').get()).toEqualTypeOf<number | undefined>()
  })
})
