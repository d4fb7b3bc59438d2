metadata description = 'Types that several files share.'

@export()
@description('A model of Azure OpenAI.')
type modelType = {
  @description('Such as gpt-4.1-mini.')
  name: string

  @description('Such as 2025-04-14.')
  version: string

  @description('Thousands of tokens a minute.')
  @minValue(1)
  capacity: int
}

@export()
@description('How storage is replicated: in one place, over three zones, over three zones and another region.')
type replicationType = 'Standard_LRS' | 'Standard_ZRS' | 'Standard_GZRS'
