"""Portuguese as written on WhatsApp in Brazil."""

from prosa.conversations.closure.model import Act, Signal

CONTACT = {
    Signal.AFTERTHOUGHT: """
        na verdade * mais, na verdade * outra, na verdade queria|preciso|esqueci, na real queria, alias,
        so mais uma|um coisa|coisinha|duvida|pergunta|perguntinha|detalhe|questao, so mais isso,
        mais uma|um coisa|coisinha|duvida|pergunta|perguntinha|detalhe|questao, outra coisa|coisinha|duvida|pergunta,
        uma ultima coisa|duvida|pergunta, ultima coisa|duvida|pergunta, uma coisa so, so uma coisa|coisinha|duvida|pergunta,
        so um detalhe, esqueci de|uma, ia esquecendo, ja ia esquecendo, quase esqueci, ja ia me? esquecendo, lembrei de|agora,
        antes de|que * encerrar|fechar|ir|finalizar|sair|terminar, aproveitando, aproveita e, ja que, por falar nisso,
        voltei, surgiu uma|outra|mais duvida|coisa|pergunta, fiquei com uma? duvida, tenho * duvida, uma duvida,
        tenho uma pergunta, pensando bem, opa espera, pera ai, mudei de ideia, uma pergunta""",
    Signal.KEEP_OPEN: """
        nao encerra|encerre|fecha|feche|finaliza|finalize, nao pode|precisa|quero|vai|e para encerrar|fechar|finalizar,
        ainda nao terminei|acabei, nao terminei|acabei, nao e so isso, nao era so isso, nao e tudo, nao desliga""",
    Signal.QUESTION: """
        qual, quais, quanto, quantos, quantas, quanta, quando, como e que?, cade, onde, aonde, que horas, que dia, por que, porque nao,
        sera que, tem como, da para, daria para, voces|voce tem|teriam|fazem|faz|vendem|trabalham|aceitam|aceita|entregam|entrega,
        tem algum@, tem mais, posso <inf>, pode <inf>, podem <inf>, poderia, poderiam, consegue, conseguem, conseguiria,
        e se, e o, e a, e os, e as, e quanto a, e para, existe algum@, o que, que tipo, teria""",
    Signal.REQUEST: """
        quero, queria, gostaria, preciso, precisava, me manda|mande|envia|envie|passa|passe|fala|fale|diz|diga|avisa|avise|ajuda|ajude
        me liga|ligue|chama|chame|explica|explique|informa|informe|confirma|confirme|mostra|mostre|da|de|indica|transfere|transfira
        manda, mande, envia, envie, verifica, verifique, confirma, confirme, confere, checa, agenda|agende, marca|marque, reserva|reserve,
        cancela, cancele, troca|troque, altera|altere, muda|mude, adiciona|adicione, inclui|inclua, coloca|coloque, bota, acrescenta|acrescente,
        tira|tire, remove|remova, faz|faca um|uma|o|a, passa|passe o|a, liga|ligue para, por favor, por gentileza, manda|envia|avisa quando,
        falar com, quero falar, vou querer, vou precisar, precisaria, me inscreve, nao esquece|esqueca|esquecam, libera|libere, resolve|resolva isso""",
    Signal.PROBLEM: """
        nao funcionou|funciona|resolveu|resolve|chegou|recebi|entendi|consegui|consigo|deu|abriu|abre|apareceu|aparece|caiu|veio|carregou|carrega
        nao esta|foi|e|era|tem|sei|ajudou|adiantou|adianta|concordo|gostei|serve|serviu|bate|confere|respondeu|responderam
        ainda nao, ate agora nada|nao, ate hoje nada|nao, ate agora, continua, continuo, deu erro, da erro, ta errado, esta errad@, veio errad@,
        errad@, quebrad@, problema, defeito, reclamacao, absurdo, palhacada, descaso, vergonha, decepcionad@, pessim@, nada ainda, nada resolvido,
        nada disso, faltou, falta, faltando, sem resposta, procon, reclame aqui, esta demorando, demora, atrasad@, demorad@, de novo nao,
        travou, sumiu, bloquead@, cobrad@ duas|errado, nao reconheco, por enquanto nada, se nao resolver""",
    Signal.HOLD: """
        um|1 minuto|minutinho|momento|momentinho|segundo|segundinho|instante, so um|1 minuto|minutinho|momento|segundo|segundinho|instante,
        espera, espere, esperai, pera, perai, peraí, calma, ja volto, ja ja volto, volto ja, daqui a? pouco, ja te? mando|envio|passo|falo|respondo|retorno
        vou te? mandar|enviar|passar, vou procurar|buscar|pegar|tirar|testar|conferir|checar|olhar|verificar|consultar|tentar,
        vou ver se|aqui|isso|agora|la, deixa|deixe eu ver|conferir|pegar|testar|olhar|tentar, estou vendo|testando|tentando|procurando|verificando,
        to tentando, ate ja, ate daqui a? pouco, ja mando, mando ja, estou dirigindo, estou ocupad@, te mando|envio ja|agora, mando agora, segue, ta indo,
        estou enviando|mandando|fazendo|preenchendo, vou preencher|fazer agora, te aviso|falo se|quando|assim, aviso quando|se""",
    Signal.WAITING: """
        aguardo, fico? no aguardo, estou? aguardando, fico aguardando, vou? aguardar, esperando, fico esperando, vou esperar, estou esperando,
        fico a? espera, aguardarei, me avisa|avise|avisem, te espero, ficarei no aguardo, aguardo retorno|contato|resposta""",
    Signal.BUT: "mas, porem, so que, entretanto, no entanto, contudo, todavia",
    Signal.GREETING: "oi, oii, oie, ola, opa, eai, hey",
    Signal.END_REQUEST: """
        pode|podem encerrar|finalizar|fechar|encerra|fecha, pode|podem ja? encerrar|finalizar|fechar * atendimento|chamado|conversa|chat|ticket|protocolo
        encerrar|encerra|encerre|finaliza|finalizar|fecha|fechar|encerrem o|a|esse|este|essa atendimento|chamado|conversa|chat|ticket|protocolo|solicitacao
        quero|gostaria|vamos|podemos encerrar|finalizar|fechar|terminar o|a|esse|este|essa atendimento|chamado|conversa|chat|ticket
        podemos encerrar|finalizar, pode dar por encerrad@|finalizad@|resolvid@, damos por encerrad@, encerramos por|aqui, pode dar baixa, encerra aqui,
        encerra ai, pode encerrar por aqui, pode encerra, por mim pode encerrar""",
    Signal.FAREWELL: """
        tchau, tchau tchau, tchauzinho, tchau e bencao|bença|obrigad@, adeus, ate logo, ate mais, ate mais ver, ate breve, ate a? proxima, ate outra hora|dia,
        ate uma proxima, ate mais tarde, ate qualquer hora|dia, abraco, abracos, um|grande|forte abraco, um grande|forte abraco, abracao, beijo, beijos,
        beijao, bjinhos, um beijo, bjo, nos vemos, nos vemos por ai, a gente se ve|fala, nos falamos, se cuida, fui, falou, inte, ate entao, ate""",
    Signal.NO_MORE: """
        era so isso|isto mesmo?, era isso|isto mesmo?, era so, era so o que|q eu? precisava|queria, era tudo, e tudo, isso e|era tudo, por enquanto e? so? isso,
        por hoje e? so? isso?, por hoje e so, por enquanto e so, por ora e so, por hora e so, so isso por enquanto|hoje|ora, nao preciso * mais nada,
        nao preciso mais, nao quero mais nada, nada mais por hoje|enquanto, nao tenho mais nada, mais nada por hoje|enquanto, nao precisa de mais nada,
        nao tenho mais? nenhuma? outra? duvida|duvidas|pergunta|perguntas|pendencia, sem mais duvidas|perguntas|nada, nenhuma duvida|pergunta mais?, sem duvidas,
        nao ha mais nada, nao tem mais nada, ja e o suficiente, nao preciso de ajuda, nao preciso de mais ajuda|informacoes, so tenho a agradecer,
        ja tenho tudo que|o preciso|precisava, era * que|q eu? precisava, isso era o que|q eu? precisava, era essa|esta minha|a duvida, era a minha? duvida,
        acho que e|era so? isso|tudo, entao e|era so? isso, e so isso mesmo, e so isso por hoje|enquanto, duvida|duvidas esclarecida|esclarecidas|sanada|sanadas|tirada|resolvida,
        ja consegui * que precisava|queria, e isso entao, entao e isso, e isso ai, fico por aqui, vou ficando por aqui, ficamos assim, ficamos por aqui, era exatamente isso""",
    Signal.DATED_FAREWELL: """
        ate amanha, ate segunda|terca|quarta|quinta|sexta|sabado|domingo feira?, ate la, ate semana que vem, ate a? semana que vem, ate o? mes que vem,
        ate hoje|amanha a|de noite|tarde|manha, amanha a gente se fala, ate depois, ate a consulta|aula|visita""",
    Signal.ONLY_THAT: """
        so isso mesmo?, e so isso, apenas isso, somente isso, isso mesmo so, so, so mesmo, mais nada, nada mais, nada nao, e so, nada, nadinha, nenhuma, nenhum, nao tenho,
        isso e so, so isso ai, tudo, por enquanto nao, por hora nao, por ora nao, por enquanto so, no momento nao, no momento so, agora nao, hoje nao, nao mais, nao por enquanto|agora|hoje, nao precisa""",
    Signal.WITHDRAWAL: """
        deixa para la, deixa quieto, deixa assim, deixa, esquece, esqueca, nao precisa mais, ja nao precisa, nao preciso mais disso, desisto, desisti, ja resolvi,
        ja consegui, consegui aqui, ja vi aqui, achei aqui, ja achei, ja encontrei, resolvi aqui, resolvi sozinh@, ja resolveram, deixa que eu resolvo, nao quero mais, vou desistir""",
    Signal.THANKS: """
        muito? obrigad@, muito obrigad@ mesmo, obrigad@ mesmo, obrigadao, obrigadinh@, brigadao, brigadinh@, brigad@, agradeco, eu agradeco, agradecid@, agradecida, gratidao, grat@, muito grat@,
        valeu, valeu mesmo, valeuzao, deus te|lhe|os abencoe|pague, deus abencoe, thanks, obrigad@ eu, eu que agradeco, nos que agradecemos, quero|queria|gostaria agradecer, quero|queria|gostaria so? de? agradecer,
        so queria|quero agradecer, desde ja agradeco, desde ja obrigad@, obrigad@ desde ja, te agradeco, mil obrigad@, meu muito obrigad@, tmj, tamo junto, estamos juntos""",
    Signal.WISH: """
        bom dia, boa tarde, boa noite, um? otim@|excelente|bom|boa dia|tarde|noite|semana|feriado|trabalho|final|fds|fim|domingo|sabado|sexta, bom trabalho, bom descanso, bom almoco, boa semana, bom feriado, bom fds,
        bom|otimo fim|final de semana, feliz natal, feliz ano novo, feliz pascoa, boas festas, boas vendas, sucesso, fica|fique|fiquem com deus, deus abencoe, vai com deus, amem,
        tenha|tenham um? bom|boa|otimo|otima|excelente|lindo|linda|abencoado|abencoada * dia|tarde|noite|semana|fds|feriado|trabalho|final|fim|descanso, uma? linda|abencoada|otima|boa semana|noite|tarde, um abencoado dia, bom resto de|da semana|dia, saude e paz""",
    Signal.SOLVED: """
        resolvido, ja resolvido, problema resolvido, esta|foi|ficou tudo? resolvid@, tudo resolvido, resolveu, resolveu sim, ja resolveu, resolveu * problema, deu certo, deu tudo? certo, ja deu certo, deu certinho, agora deu certo|bom, deu bom, agora foi, foi agora, funcionou, agora funcionou, esta funcionando, ja esta funcionando, voltou a funcionar,
        voltou ao normal, normalizou, consegui, consegui sim, agora consegui, ja recebi, recebi, recebi aqui, chegou aqui, ja chegou, chegou certinho, chegou direitinho, ja esta aqui, ja caiu, caiu aqui, entendi tudo, agora entendi, agora sim, ficou claro, ficou clar@, tudo claro, tudo esclarecido,
        esclareceu, esclarecido, ajudou muito|bastante|demais, me ajudou muito?, me ajudou bastante|demais, era isso que eu|precisava, ja paguei, paguei agora, pagamento feito, ja fiz, feito, esta certinho, esta tudo certo|ok|certinho|otimo, ficou otim@|perfeit@|bom|lind@, solucionado, problema solucionado,
        sanou * duvida|duvidas, tirou * duvida|duvidas, ja entrou, entrou agora, entrou aqui, voltou, voltou sim, voltou aqui, esta tudo funcionando, ja apareceu, apareceu aqui, apareceu agora, abriu, abriu aqui, abriu agora, deu tudo certinho, funcionando""",
    Signal.PRAISE: """
        otimo|excelente|melhor|parabens * atendimento, atendimento otimo|excelente|nota|maravilhoso|impecavel|perfeito|top|rapido|nota <num>, nota <num>, parabens, voces sao demais|otim@|excelentes|maravilhosos|incriveis|top|os melhores, voce e um anjo|amor|maximo|show|otim@|dez,
        adorei, amei, gostei, gostei muito, voces salvaram, salvou minha vida, me salvou, salvou, voce me salvou, foi otim@|excelente|maravilhos@|perfeit@|muito, voces arrasam, arrasou, arrasaram, muito atencios@, atencios@, gentil, muito gentil, recomendo, vou recomendar,
        fui bem atendid@, muito bem atendid@, super rapid@, que rapidez, rapid@, muito rapid@, ajuda enorme, voce foi * otim@|excelente, um amor, nota dez, sem palavras, satisfeit@, muito satisfeit@""",
    Signal.RECIPROCAL: """
        igualmente, para voce|voces|vc tambem, para ti tambem, voce|voces tambem, tambem para voce|voces, a voce|voces tambem, o mesmo para voce|voces, de nada, por nada, imagina, disponha, nao ha de que, nao foi nada, digo o mesmo, tamo junto, idem""",
    Signal.POSTPONE: """
        vou pensar, vou pensar com calma|carinho, vou avaliar, vou analisar, preciso pensar, vou ver com * esposa|marido|mulher|mae|pai|namorad@|chefe|socio|familia|filha|filho, vou falar|conversar com * esposa|marido|mulher|mae|pai|namorad@|chefe|socio|familia|filha|filho,
        vou ver direitinho|certinho|depois|isso depois, depois eu? vejo|penso|resolvo|ligo|falo|volto|retorno|procuro|decido|chamo, qualquer coisa eu? te? chamo|falo|aviso|volto|retorno|ligo|mando|entro|procuro|grito, qualquer coisa chamo|volto|aviso, qq coisa eu? te? chamo|aviso|volto,
        qualquer duvida eu? te? chamo|volto|falo|aviso|pergunto|retorno|procuro, qualquer duvida|coisa, se|caso * precisar|tiver * eu? te? chamo|volto|aviso|falo|procuro|retorno|ligo, se * precisar eu? chamo|aviso|volto, se precisar, se eu precisar, mais tarde eu? volto|vejo|falo|ligo|chamo|resolvo,
        outro dia eu? volto|vejo|falo, outra hora, deixa para depois|outro|outra|proxima, fica para proxima|depois|outra, fica para a proxima, vou deixar para depois, quando eu? decidir * aviso|chamo|volto, amanha eu? volto|vejo|ligo|falo|resolvo|retorno, entro em contato, volto a falar|entrar, mais para frente, te procuro, te chamo, eu? te? chamo depois""",
    Signal.ACK: """
        ok, okay, okey, certo, certinho, esta? certo, esta bom|bem|otimo|joia|ok|beleza, tudo bem|certo|bom|ok|joia|certinho, beleza, beleza entao, blz, joia, show, show de bola, top, bacana, legal, otim@, perfeit@, perfeito, maravilha, excelente, entendi, entendido, compreendi, compreendo,
        ciente, combinad@, fechado, fechou, pode ser, pode deixar, deixa comigo, isso, isso mesmo, isso ai, exato, exatamente, claro, com certeza, ah ta, massa, demais, sensacional, que bom, que otimo, que legal, que maravilha, ai sim, anotado, anotei, tranquilo, suave, de boa, de boas, sem problemas|problema, bom saber, uhum, aham, positivo, jae, partiu, boa, muito bom|bem|boa, bom, bem, faz sentido,
        farei isso, vou fazer isso, vou fazer assim, vou tentar sim, era o que eu imaginava, esta confirmado, confirmado, estarei la, vou sim, estaremos la, passo ai|la, vou passar|ir|retirar|buscar ai|la, eu? passo ai|la, vou la, vou ai, amanha eu? passo|vou|busco|retiro ai|la?, buscar, vou buscar amanha|hoje|mais, pode deixar que, fico feliz, fico tranquil@, farei""",
    Signal.YES: "sim, siim, isso sim, claro que sim, pode sim, pode, quero sim, com certeza, foi sim, aham, deu sim, ficou sim, ajudou sim, esta sim, foi, ficou, ajudou, entendi sim, podem, pode ser sim, tenho sim, tenho, acho que sim, creio que sim",
    Signal.NO: "nao, nop, nao nao, nao quero, nao preciso, nao tenho interesse, sem interesse, nao obrigado, dispenso, nao vou querer, nao desejo, nao sei",
    Signal.OTHER_SENSE: """
        valeu|vale a pena, valeu <num>, valeu cada, quanto valeu, valeu para, nao valeu, valeu o, obrigad@ a <inf>, sou|fui|somos|foi|eramos|e|era|seria|serei|fomos|sao|foram|esta|sendo|me sinto|ser obrigad@, obrigad@ por lei|contrato, obrigad@ por nada, nao obrigad@ a,
        salao|produto|produtos|clinica|centro|linha|curso|area de beleza, beleza e, show de|do|da|dos|das|em|no|na, ingresso * show, o|um|do|no|para|pro show, a|uma|minha|de|as|os|umas joia|joias, ela|ele|voce|atendente|vendedor|vendedora|moca|moco|gerente|quem|que|me|como|ninguem|medico|tecnico falou, falou que|com|para|mal|sobre|em|comigo, a senhora falou,
        ate mais que|de|ou|do|tarde que, ate logo cedo, mais ou menos, ate amanha|segunda|terca|quarta|quinta|sexta|sabado|domingo eu|as|ao|de|cedo|para|consigo|no|na|voces|o|a|tem|da|esta|chega|nao, disse|falou|deu|dar|dizer|sem|nem|dando|disseram|falar|digo|dei um? tchau|obrigad@|adeus|valeu, tchau para|pro|pra|ao, dou tchau, fui|fomos <inf>, fui ai|la|na|no|em|ao|a|ate|atendid@|cobrad@|ver|para|embora|informad@|eu, voce|voces|eu|ele|loja fechou, fechou a|o|as, que horas fecha, bom dia todo, o dia todo,
        muito bem feito, grande abraco da, tudo bem com, isso nao, certo ou, certo que, o|um certo, por certo, valeu desde, joia rara, forma legal, parecer legal, representante legal, abraco de, boa parte, bom preco, adeus ano, boa noite cinderela, por um show, ate onde|que|quando|quanto|o|a|as, ate <num>, so para|amanha|hoje|na|no|de|com|em|sei|falta|tem|uma|um|o|a, nada de|a|do|que, tudo que|o, claro que nao, pode nao, nao sim, bom para, bom de, bem que, bem mais, muito legal mas, isso que, foi voce|voces|ontem|hoje|por|para|o|a, ficou de, ficou em, deu o|a|para""",
}

AGENT = {
    Act.ASKS_TO_CLOSE: """
        posso|podemos|gostaria|deseja|quer * encerrar|finalizar|fechar|concluir o|a|este|esse|nosso|nossa|seu|essa|esta|por atendimento|conversa|chamado|chat|ticket|protocolo|aqui, posso|podemos encerrar|finalizar,
        posso dar por encerrad@|finalizad@|resolvid@, encerrar * atendimento|conversa|chamado|chat|ticket|protocolo""",
    Act.ASKS_IF_SOLVED: """
        resolveu, foi resolvido, esta resolvido, consegui * ajudar|esclarecer|resolver|tirar, consegui te?, pude ajudar, pude te ajudar, deu certo, deu tudo certo, ficou claro, ficou clar@, ficou bom assim, esclareci|esclareceu|respondi|tirei|sanei * duvida|duvidas, tudo certo agora, tudo certo por ai, funcionou, voltou a funcionar, conseguiu, esta funcionando, normalizou,
        te ajudei, ajudei, ajudou, minha resposta ajudou, era isso, era isso que precisava, tudo certo entao, recebeu certinho, deu para entender, deu pra entender, ficou tudo claro""",
    Act.ASKS_FOR_MORE_ITEMS: """
        mais algum|alguma|um|uma item|produto|sabor|peca|bebida|adicional|servico|pedido|opcao, algo mais * pedido|carrinho|sacola|comanda, mais alguma coisa * pedido|carrinho|sacola|comanda|compra, adicionar|acrescentar|incluir mais|algo|alguma|algum|outro|outra, vai querer mais|algo|alguma, deseja * acrescentar|adicionar|incluir,
        bebida, sobremesa, acompanhamento, adicional, borda, e para beber, para beber, vai ser so|somente isso, seria so|somente isso, so isso mesmo, e so isso, somente isso, apenas isso, quer adicionar""",
    Act.OFFERS_HELP: """
        ajudar|ajudo|ajuda|auxiliar|auxilio|ser util|precisa|precisar|deseja|gostaria|posso|podemos|quer|precisando * mais alguma|algum|algo|coisa, algo|alguma coisa mais, mais alguma coisa, alguma coisa a mais, mais algo, algo a mais, mais alguma duvida|informacao|questao|pergunta|solicitacao|necessidade, alguma outra|mais duvida|informacao|coisa|questao|pergunta|solicitacao, outra coisa|duvida|questao|pergunta|solicitacao|informacao,
        alguma duvida, restou|ficou|tem|possui|ainda|resta|teria|sobrou alguma|mais duvida, ficou com|alguma duvida, tem alguma duvida, ajudar|auxiliar em|com outra|outro|algo|mais, em algo mais, algo em que possa ajudar, mais em que|como, ajudar em * mais, algum outro assunto, em que mais, no que mais, o que mais, que mais""",
    Act.ASKS_PURPOSE: """
        como|em que|no que posso|podemos te? ajudar|auxiliar|ser util, como posso te ajudar|auxiliar, em que posso ajudar|ser, qual o|e motivo|assunto, escolha uma? opcao|das opcoes, digite <num>, selecione uma, sobre o que|qual""",
    Act.UPSELLS: """
        promocao, promocoes, desconto|descontos, oferta|ofertas, upgrade, aproveitar, aproveite, plano premium|anual|superior, condicao especial, cupom, combo, brinde, seguro adicional|prestamista, garantia estendida, novidade|novidades, que tal, conhecer * plano|servico|produto|linha|outros|nosso|nossos, tem interesse, teria interesse, gostaria de conhecer, quer aproveitar, quer conhecer, levar tambem, tambem temos, pesquisa de satisfacao, avaliar * atendimento, de * nota|<num> a <num>, nota de <num>, lista vip, leve|levar mais""",
    Act.REQUESTS: """
        me|nos informe|informa|envie|envia|mande|manda|passe|passa|diga|diz|confirme|confirma|fale|fala|encaminhe|encaminha|forneca, por favor|gentileza * informe|informa|envie|envia|mande|manda|confirme|confirma|digite|preencha|encaminhe|responda|escolha|selecione|verifique|acesse|clique|tente|reinicie, informe * cpf|cnpj|nome|endereco|cep|email|e|telefone|data|numero|codigo, informe o|a|seu|sua|os,
        envie o|a|seu|sua|uma|um|os|foto|as, digite, preencha, confirme o|a|seu|sua|os|se|por|para, confirma para, preciso|precisamos|precisaria|precisarei|precisaremos do|da|de|que|dos|das, favor <inf>, favor informar|enviar|confirmar|encaminhar|mandar, pode me? informar|enviar|confirmar|passar|mandar|dizer|falar|encaminhar, poderia me? informar|enviar|confirmar|passar|mandar|dizer|encaminhar, poderia|pode, consegue me? enviar|mandar|confirmar|passar|informar|tirar,
        falta|faltam|faltou so? o|a|seu|sua|os|apenas|somente, aguardo seu|sua|o|a|os|suas|seus, aguardando seu|sua|o|a|pagamento|comprovante|confirmacao, fico no aguardo de|do|da|dos|seu|sua, me manda, me envia, assim que * enviar|mandar|confirmar|pagar|fizer|receber * comprovante|pagamento|foto|documento, reinicie, tente, teste, desligue, segue * link * pagamento|preencher|assinar, basta enviar|mandar|responder|preencher, responda""",
    Act.PROMISES: """
        vou|irei|estou|vamos|iremos|estamos * verificar|verificando|consultar|consultando|checar|checando|conferir|conferindo|analisar|analisando|ver|olhar|transferir|transferindo|encaminhar|encaminhando|pesquisar|localizar|localizando|solicitar|solicitando|perguntar|falar|buscar|levantar|acionar|providenciar|calcular|montar|preparar|confirmar|resolver|pedir|abrir|enviar|mandar,
        vou te? mandar|enviar|passar|avisar|retornar|chamar, so|apenas? um|1 momento|momentinho|minuto|minutinho|instante|instantinho|segundo, um momento|momentinho|minuto|minutinho|instante|instantinho|segundo, aguarde, aguarda, aguarde na linha|um|so, ja te? retorno|retornamos|aviso|respondo|mando|envio|passo|falo|chamo|confirmo|digo, ja ja, te retorno, te aviso, te mando|envio|confirmo|respondo|passo|chamo, lhe retorno|envio|aviso|informo, retorno * breve|hoje|amanha|assim|com|ate|em|ainda,
        retornamos|retornaremos|retornarei, daremos retorno|um, darei retorno, dou um? retorno, te dou um? retorno|resposta|posicao, avisamos|avisaremos|avisarei|aviso quando|assim, entraremos|entrarao|entrara|entra|vai|vao|entramos|entro entrar? em contato, em analise, esta sendo analisad@, em breve um|uma|nosso|nossa|voce, assim que tiver|tivermos|possivel|sair|eu|ele|ela|o|a|for * retorno|aviso|avisamos|informo|mando|envio|falo|chamo, assim que tiver|tivermos|souber, um atendente|especialista|consultor|colega|humano|tecnico * vai|ira|entrara, transferindo, encaminhei para|ao, passei para, abri um? chamado|protocolo|ticket|solicitacao, deixa|deixe eu ver|verificar|conferir|consultar|olhar|checar, deixa eu, prazo de, ate <num> horas|dias uteis?, mandarei, enviarei, enviaremos, vou ver""",
    Act.SAYS_GOODBYE: """
        disponha, de nada, por nada, imagina, nao ha de que, a|as disposicao|ordens, estamos a? disposicao, estou a? disposicao, estou|estamos|sempre aqui|por aqui, conte|conta sempre? conosco|comigo|com, qualquer coisa|duvida * so? chamar|chama|chame|falar|avisar|mandar|ligar, qualquer coisa|duvida, e so chamar|falar|avisar|mandar|me, so chamar|me chamar, pode|podem me? chamar, se|caso|quando|sempre que * precisar, precisando,
        tenha|tenham um|uma * dia|tarde|noite|semana|fim|final|feriado|viagem, tenha um? otim@|bom|boa|excelente, um? bom|otimo|excelente dia|fim|final|feriado|trabalho|fds, uma? boa|otima|excelente semana|viagem|sorte|aula|consulta, boa viagem|sorte|aula|semana, bom apetite|descanso|feriado|proveito|fds|filme|show, bom fim|final de semana, obrigad@ por|pelo|pela * contato|preferencia|compra|confianca|entrar|escolher|aguardar|visita, agradecemos|agradeco, obrigad@ por, nos agradecemos, eu que agradeco, nos que agradecemos, ate logo|mais|breve|amanha|la|a|segunda|terca|quarta|quinta|sexta|sabado, te espero|esperamos|aguardo|aguardamos, esperamos voce|vc|por|ver, aguardamos voce|sua|vc, nos vemos, abraco|abracos, um abraco, bjs, beijo|beijos, tchau, fico feliz em|por|que, ficamos felizes|feliz, foi um prazer, atendimento|conversa|chamado|protocolo encerrad@|finalizad@, foi encerrad@, encerrando, encerro, vou encerrar, volte sempre, aproveite, se cuida, melhoras, tamo junto, espero ter ajudado, espero que, sucesso, fique com deus""",
    Act.CONFIRMS_DONE: """
        pront@, prontinh@, feit@, agendad@, reagendad@, remarcad@, marcad@, cancelad@, confirmad@, concluid@, realizad@, resolvid@, enviad@, enviei, mandei, encaminhei, encaminhad@, alterad@, atualizad@, corrigid@, ativad@, reativad@, desativad@, liberad@, desbloquead@, registrad@, cadastrad@, reservad@, emitid@, estornad@, reembolsad@, finalizad@, solucionad@, removid@, incluid@, adicionad@, trocad@, aprovad@, pag@, recebemos|recebido|compensad@, entregue, foi entregue, acabei de <inf>, consegui <inf>, ja foi, ja esta, tudo certo, deu certo, saiu para entrega, matriculad@, inscrit@, renovad@, remarquei, agendei, cancelei, confirmei, alterei, atualizei, liberei, segue, normalizad@, separad@, anotad@, ajustad@, gerad@, creditad@, restabelecid@, matricula feita""",
    Act.OTHER_SENSE: """
        sera enviado|confirmado|agendado|feito, se for|foi|esta, nao foi * realizado|confirmado|possivel|concluido|aprovado|agendado|enviado, nao consegui <inf>, nao esta, ainda nao, nao foi, nao pode, pode ficar tranquil@, pode ficar, pode deixar, pode contar, nao precisa, se preferir, voce pode <inf>, voces podem, segue em|a, pode ser, pode retirar|buscar|vir|passar, quando * pronto, ficara pront@, fica pront@, vai ficar pront@, para ser, horario marcado, com hora marcada""",
}

SLANG = {
    "vlw": "valeu", "vlws": "valeu", "vleu": "valeu", "vlww": "valeu", "valew": "valeu", "vlh": "valeu", "vl": "valeu", "obg": "obrigado", "obgd": "obrigado", "obgda": "obrigada",
    "obgdo": "obrigado", "obd": "obrigado", "obrg": "obrigado", "obrgd": "obrigado", "obrgada": "obrigada", "obrgado": "obrigado", "brigado": "obrigado", "brigada": "obrigada", "brigadu": "obrigado", "brigaduh": "obrigado", "obg@": "obrigado", "brg": "obrigado", "obrigadu": "obrigado", "abrigado": "abrigado",
    "blz": "beleza", "bele": "beleza", "belz": "beleza", "blza": "beleza", "flw": "falou", "flws": "falou", "falow": "falou", "fmz": "beleza", "firmeza": "beleza", "sussa": "tranquilo", "tranks": "tranquilo", "tranquilao": "tranquilo",
    "xau": "tchau", "tchauu": "tchau", "txau": "tchau", "tiau": "tchau", "thau": "tchau", "chau": "tchau", "xauzinho": "tchau", "tchaau": "tchau", "bjs": "beijos", "bjos": "beijos", "bjo": "beijo", "bj": "beijo", "bjus": "beijos", "abs": "abracos", "abrs": "abracos", "abcs": "abracos", "abrc": "abraco", "att": "abraco",
    "vc": "voce", "vcs": "voces", "ce": "voce", "ces": "voces", "oce": "voce", "q": "que", "oq": "o que", "pq": "porque", "tb": "tambem", "tbm": "tambem", "tbem": "tambem", "td": "tudo", "tds": "todos", "mto": "muito", "mt": "muito", "mta": "muita", "mtu": "muito", "muitu": "muito", "muita": "muito",
    "n": "nao", "nn": "nao", "naum": "nao", "ss": "sim", "s": "sim", "sm": "sim", "simm": "sim", "hj": "hoje", "amnh": "amanha", "amn": "amanha", "dps": "depois", "qdo": "quando", "qnd": "quando", "qto": "quanto", "qnt": "quanto", "qt": "quanto", "qts": "quantos", "qq": "qualquer", "qlqr": "qualquer", "qlq": "qualquer",
    "pra": "para", "pro": "para", "pras": "para", "pros": "para", "p": "para", "ta": "esta", "tah": "esta", "to": "estou", "tou": "estou", "tava": "estava", "c": "com", "cmg": "comigo", "ctz": "certeza", "agr": "agora", "msm": "mesmo", "mes": "mes", "pf": "por favor", "pfv": "por favor", "pfvr": "por favor", "fds": "fds", "tdb": "tudo bem", "tlg": "entendi", "tmjj": "tmj", "gratidao": "gratidao", "okk": "ok", "oks": "ok", "okey": "ok", "okay": "ok", "oki": "ok", "okie": "ok", "oky": "ok",
    "perf": "perfeito", "otimoo": "otimo", "eh": "e", "neh": "ne", "soh": "so", "jah": "ja", "ateh": "ate", "aki": "aqui", "ain": "ai", "msg": "mensagem", "dnd": "de nada", "dnada": "de nada", "bd": "bom dia", "bdia": "bom dia", "bn": "boa noite", "bnoite": "boa noite", "bt": "boa tarde", "fexou": "fechou", "fxd": "fechado", "bão": "bom", "bao": "bom", "vdd": "verdade", "resouveu": "resolveu", "td": "tudo", "glr": "galera",
}  # fmt: skip

FILLER = """
    e, entao, ai, viu, ne, ta, esta, de, do, da, dos, das, o, a, os, as, um, uma, por, pelo, pela, pelos, pelas, com, em, no, na, nos, nas, para, que, ja, agora, mesmo, tambem, eu, voce, voces, senhor, senhora, sr, sra, seu, sua, seus, suas, moco, moca, querid@, amig@, amor, linda, lindo, meu, minha, bem, gente, pessoal, galera, equipe, time, irmao, mano, parceiro, parca, chefe, doutor, doutora, dr, dra, dona,
    ah, oh, aah, hum, hmm, opa, eita, nossa, uau, uhuu, eba, poxa, puxa, tipo, assim, la, aqui, isto, isso, mais, so, muito, tao, sempre, demais, todos, todas, tudo, esse, essa, este, novamente, realmente, super, bom, boa, dia, deus, jesus, me, te, lhe, se, sao, foi, era, e, ser, mil, vezes, atencao, ajuda, atendimento, paciencia, informacao, informacoes, retorno, resposta, suporte, carinho, gentileza, compreensao, rapidez, agilidade, disponibilidade, apoio, esclarecimento, esclarecimentos, orientacao, dica, dicas, forca, contato, servico, verdade, gnt, bb, miga, tia, tio, por enquanto, hoje, sinceramente, caso, valiosa, enorme, maravilhos@, ok, pois, alo, sim senhor, sim senhora, menina, rapaz, fi, vei, cara, vida, flor, anjo, vamos, vou, estou, ficou, nesse, nisso, disso, sobre, todo, toda"""

TYPO_TARGETS = "obrigado obrigada obrigadao obrigados agradeco agradecido agradecida tchau valeu falou abraco abracos beijos beleza perfeito combinado resolvido encerrar finalizar igualmente"
TYPO_EXCEPTIONS = "brigadas obriga obrigam obrigar obrigue valer vale vales valem salou calou falo falei falar fala falam falta faltou valor abracar agradece agradecer perfeita combinada combinar combinados resolvida resolvidos abrigado abrigada encerrara finalizara finalizou finalizado jaleu"
